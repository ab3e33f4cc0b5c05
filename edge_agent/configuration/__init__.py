"""Settings from the cloud: taken, tried, and kept or given up; never what could lock us out."""
