"""`edge-agent decode`: what a recorded advertisement, or a receiver's message, says."""

from edge_agent.decode.answer import decode_line
from edge_agent.decode.command import decode
from edge_agent.decode.line import LONGEST_LINE

__all__ = ["LONGEST_LINE", "decode", "decode_line"]
