// TapPipeline
