// swift-tools-version: 6.2
// LayerTap: tap a frozen convolutional backbone at any layer; train a linear model on what comes out.
import PackageDescription

/// Every Swift target is checked alike: Swift 6 language mode (from the tools version) and strict
/// memory safety, whose findings are errors.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

/// A Swift target below `Sources`. A target may import only those listed above it;
/// `Scripts/check` compares the arrows with `Scripts/arrows.txt`.
func module(_ name: String, _ dependencies: [String] = [], features: [String] = []) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .byName(name: $0) },
    swiftSettings: strict + features.map { .enableExperimentalFeature($0) })
}

/// The tests of one module, in a folder of the same name.
func tests(_ name: String, _ dependencies: [String] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: ([name, "TestSupport"] + dependencies).map { .byName(name: $0) },
    exclude: exclude, swiftSettings: strict)
}

// MARK: - C: system libraries, and what Swift cannot say
let cTargets: [Target] = [
  .systemLibrary(
    name: "CTapJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
  .systemLibrary(name: "CTapPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
  .systemLibrary(
    name: "CTapOpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
  // Named here too: a module map's "link" reaches Swift code only, and there may be no pkg-config.
  .target(
    name: "CTapCodecs", dependencies: ["CTapJPEG", "CTapPNG"],
    linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png")]),
  // -O3 outlives the -O0 that SwiftPM gives C in debug builds: without it a debug run takes minutes.
  .target(name: "CTapKernels", cSettings: [.unsafeFlags(["-O3"])]),
]

// MARK: - Swift: one direction, from bytes to the command line
let swiftTargets: [Target] = [
  module("TapFileSystem"),
  module("TapFormats", ["CTapKernels"]),
  module("TapText", ["TapFormats"]),
  module("TapTensors", features: ["Lifetimes"]),
  module("TapOperations", ["TapTensors"]),
  module("TapKernels", ["CTapKernels", "CTapOpenBLAS", "TapTensors"]),
  module("TapProvenance", ["TapFormats"]),
  module("TapImages", ["CTapCodecs", "CTapKernels", "TapFormats", "TapKernels", "TapProvenance"]),
  module(
    "TapBackbone",
    ["CTapKernels", "TapFormats", "TapTensors", "TapOperations", "TapKernels", "TapProvenance"]),
  module("TapCheckpoints", ["TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapBackbone"]),
  module(
    "TapONNX",
    ["TapFileSystem", "TapFormats", "TapTensors", "TapOperations", "TapProvenance", "TapBackbone"]),
  module("TapArchitectures", ["TapFormats", "TapTensors", "TapProvenance", "TapBackbone"]),
  module(
    "TapExtraction",
    [
      "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapImages",
      "TapBackbone", "TapCheckpoints", "TapONNX", "TapArchitectures",
    ]),
  module(
    "TapFeatures",
    [
      "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapImages",
      "TapBackbone", "TapExtraction",
    ]),
  module("TapLinear", ["TapTensors", "TapKernels"]),
  module("TapMetrics", ["TapTensors"]),
  module("TapSelection", ["TapTensors", "TapKernels", "TapLinear", "TapMetrics"]),
  module("TapSettings", ["TapFormats", "TapProvenance", "TapLinear", "TapSelection"]),
  module(
    "TapClassifier",
    [
      "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapImages",
      "TapBackbone", "TapExtraction", "TapLinear", "TapMetrics", "TapSelection", "TapSettings",
    ]),
  module(
    "TapTraining",
    [
      "TapFileSystem", "TapFormats", "TapText", "TapTensors", "TapKernels", "TapProvenance", "TapImages",
      "TapBackbone", "TapFeatures", "TapLinear", "TapMetrics", "TapSelection", "TapSettings",
      "TapClassifier",
    ]),
  module(
    "TapComparison",
    [
      "TapFileSystem", "TapTensors", "TapKernels", "TapProvenance", "TapImages", "TapBackbone",
      "TapArchitectures", "TapExtraction", "TapFeatures", "TapLinear", "TapMetrics", "TapSelection",
      "TapSettings", "TapClassifier", "TapTraining",
    ]),
  module(
    "TapRun",
    [
      "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapBackbone",
      "TapArchitectures", "TapExtraction", "TapFeatures", "TapMetrics", "TapSettings", "TapClassifier",
      "TapTraining", "TapComparison",
    ]),
  module(
    "TapReports",
    [
      "TapFileSystem", "TapFormats", "TapText", "TapProvenance", "TapImages", "TapArchitectures",
      "TapFeatures", "TapLinear", "TapMetrics", "TapSelection", "TapClassifier", "TapTraining",
      "TapComparison", "TapRun",
    ]),
  module(
    "LayerTap",
    [
      "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapImages", "TapBackbone",
      "TapCheckpoints", "TapONNX", "TapArchitectures", "TapExtraction", "TapFeatures", "TapLinear",
      "TapMetrics", "TapSelection", "TapSettings", "TapClassifier", "TapTraining", "TapComparison", "TapRun",
    ]),
  module(
    "TapCommands",
    ["TapFileSystem", "TapFormats", "TapText", "TapCheckpoints", "TapSettings", "TapReports", "LayerTap"]),
  .executableTarget(name: "LayerTapTool", dependencies: ["TapCommands"], swiftSettings: strict),
]

// MARK: - Tests
let testTargets: [Target] = [
  .target(
    name: "TestSupport",
    dependencies: [
      "TapFileSystem", "TapFormats", "TapTensors", "TapProvenance", "TapBackbone", "TapSettings",
    ],
    path: "Tests/TestSupport",
    swiftSettings: strict),
  tests("TapFileSystem"),
  tests("TapFormats"),
  tests("TapText"),
  tests("TapOperations", ["TapTensors"]),
  tests("TapKernels", ["CTapKernels"]),
  tests("TapProvenance"),
  tests("TapImages"),
  tests("TapBackbone", ["TapKernels", "TapOperations"]),
  tests("TapCheckpoints"),
  tests(
    "TapONNX",
    ["TapBackbone", "TapFileSystem", "TapFormats", "TapOperations", "TapProvenance", "TapTensors"]),
  tests("TapArchitectures", ["TapCheckpoints", "TapFileSystem", "TapFormats", "TapImages", "TapKernels"]),
  tests(
    "TapExtraction",
    [
      "TapArchitectures", "TapBackbone", "TapClassifier", "TapFileSystem", "TapFormats", "TapImages",
      "TapONNX", "TapProvenance",
    ]),
  tests(
    "TapFeatures",
    [
      "TrainingSupport",
      "TapArchitectures", "TapBackbone", "TapExtraction", "TapFileSystem", "TapFormats", "TapImages",
      "TapKernels", "TapProvenance",
    ]),
  tests("TapLinear"),
  tests("TapMetrics", ["TapTensors"]),
  tests("TapSelection", ["TapTensors"]),
  tests("TapSettings", ["TapFormats", "TapLinear", "TapProvenance", "TapSelection"]),
  tests("TapClassifier", ["TapArchitectures"]),
  .target(
    name: "TrainingSupport",
    dependencies: [
      "TestSupport", "TapFormats", "TapProvenance", "TapBackbone", "TapArchitectures", "TapExtraction",
      "TapFeatures", "TapSettings", "TapTraining",
    ],
    path: "Tests/TrainingSupport", swiftSettings: strict),
  tests(
    "TapTraining",
    [
      "TrainingSupport", "TapArchitectures", "TapBackbone", "TapClassifier", "TapComparison",
      "TapFeatures", "TapFileSystem", "TapFormats", "TapLinear", "TapMetrics", "TapReports",
      "TapSelection", "TapSettings", "TapTensors",
    ]),
  tests(
    "TapComparison",
    [
      "TrainingSupport", "TapArchitectures", "TapBackbone", "TapClassifier", "TapFeatures",
      "TapFileSystem", "TapFormats", "TapImages", "TapLinear", "TapMetrics", "TapProvenance", "TapReports",
      "TapSelection", "TapSettings", "TapTensors", "TapTraining",
    ]),
  tests(
    "TapRun",
    [
      "TrainingSupport",
      "TapArchitectures", "TapComparison", "TapFileSystem", "TapFormats", "TapLinear", "TapProvenance",
      "TapReports", "TapSettings",
    ]),
  tests(
    "TapReports",
    [
      "TrainingSupport", "TapClassifier", "TapFeatures", "TapFileSystem", "TapImages", "TapLinear",
      "TapMetrics", "TapProvenance", "TapSelection", "TapTraining",
    ]),
  // The program of the documentation; Examples/EmbedAndClassify is the package that a user would make of it.
  .executableTarget(
    name: "ExampleProgram", dependencies: ["LayerTap"],
    path: "Examples/EmbedAndClassify/Sources/EmbedAndClassify",
    swiftSettings: strict),
  tests("LayerTap", ["TapFileSystem", "TapFormats"]),
  tests(
    "TapCommands", ["TapFileSystem", "TapFormats", "TapCheckpoints", "TapKernels", "TapTensors"],
    exclude: ["Fixtures"]),
]

// MARK: - Fuzzing, which ordinary builds do not see: Scripts/fuzz says which readers
let fuzzing: [Target] =
  switch Context.environment["LAYERTAP_FUZZING"] {
  case nil: []
  case "images":
    [fuzzer(["TapFormats", "TapImages", "TapProvenance"], without: "WeightReaders.swift")]
  default:
    [fuzzer(["TapBackbone", "TapCheckpoints", "TapONNX", "TapProvenance"], without: "ImageReader.swift")]
  }

func fuzzer(_ dependencies: [String], without other: String) -> Target {
  .executableTarget(
    name: "Fuzzing", dependencies: dependencies.map { .byName(name: $0) }, path: "Fuzzing",
    exclude: ["README.md", "codecs", "ignored.txt", "seeds.py", other], swiftSettings: strict)
}

// MARK: - What is measured against other engines, which ordinary builds do not see: Benchmarks/README.md
let benchmarks: [Target] =
  Context.environment["LAYERTAP_BENCHMARKS"] == nil
  ? []
  : ["FitLinear", "ForwardPass", "ReadImages"].map {
    .executableTarget(name: $0, dependencies: ["LayerTap"], path: "Benchmarks/Sources/\($0)")
  }

let package = Package(
  name: "LayerTap",
  products: [
    .library(name: "LayerTap", targets: ["LayerTap"]),
    .executable(name: "layertap", targets: ["LayerTapTool"]),
  ],
  targets: cTargets + swiftTargets + testTargets + fuzzing + benchmarks
)
