"""Value of information: which unknown is worth measuring before a municipality decides, in kroner."""
