"""Why a backup was not made or not put back; the text says what to do."""

from edge_agent.kernel.errors import AisleError


class BackupError(AisleError):
    """Nothing was changed."""
