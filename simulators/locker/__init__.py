"""A bank of KERONG CU16 boards that is not there: bytes on a PTY, doors, people, faults."""
