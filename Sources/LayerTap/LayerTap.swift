// The library's entry point. One import also gives a program the types of other modules that appear in signatures.

@_exported import TapArchitectures
@_exported import TapAudit
@_exported import TapBackbone
@_exported import TapCheckpoints
@_exported import TapClassifier
@_exported import TapComparison
@_exported import TapExtraction
@_exported import TapFeatures
@_exported import TapFileSystem
@_exported import TapFormats
@_exported import TapImages
@_exported import TapInterchange
@_exported import TapKernels
@_exported import TapLinear
@_exported import TapMetrics
@_exported import TapONNX
@_exported import TapProvenance
@_exported import TapRun
@_exported import TapSelection
@_exported import TapSettings
@_exported import TapTensors
@_exported import TapTraining
