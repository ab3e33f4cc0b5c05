"""Which coupon a shopper is offered where they stand, and what becomes of it at the till."""
