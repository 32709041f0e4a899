"""ProcessingPipeline: from an upload's event to the end of its run."""

from components.pipeline.component import ProcessingPipeline, ProcessingPipelineArgs

__all__ = ["ProcessingPipeline", "ProcessingPipelineArgs"]
