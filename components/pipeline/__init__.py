"""ProcessingPipeline: from an upload's event to the end of its run."""

from components.pipeline.component import ProcessingPipeline, ProcessingPipelineArgs
from components.pipeline.kinds import Kinds

__all__ = ["Kinds", "ProcessingPipeline", "ProcessingPipelineArgs"]
