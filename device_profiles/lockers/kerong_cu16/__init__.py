"""KERONG CU16: 16 locks a board, hook and infrared sensor each, RS-485."""
