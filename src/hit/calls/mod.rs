//! Call records of exchanges and carriers, one file each.
