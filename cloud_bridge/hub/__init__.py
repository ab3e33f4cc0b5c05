"""The cloud's end of the contract: takes each fact once, hands out commands and state."""
