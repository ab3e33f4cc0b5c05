"""What the store does, one room per thing; none imports another (house.md, "Rooms")."""
