"""A live poll as tutorials write it, to compare with: ORM count and `group_send` per vote."""
