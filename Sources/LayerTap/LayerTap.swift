// The library's entry point: one import gives a Swift program all modules to extract features, train on
// them and predict. The modules stay separate; this file only exports them.

@_exported import TapArchitectures
@_exported import TapBackbone
@_exported import TapClassifier
@_exported import TapComparison
@_exported import TapExtraction
@_exported import TapFeatures
@_exported import TapImages
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
