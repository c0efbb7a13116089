"""What every option is: typed, finite, in a range that stands beside it; and how a wrong one is said in one line."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Options"]


class Options(BaseModel):
    """Options that belong together. What is unknown, not finite or of another type is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
