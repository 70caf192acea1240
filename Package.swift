// swift-tools-version: 6.2
// LayerTap: tap a frozen convolutional backbone at any layer; train a linear model on what comes out.
import PackageDescription

/// Every Swift target is checked alike: Swift 6 language mode (from the tools version) and strict
/// memory safety, whose findings are errors.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

/// The static command is built for size where little time is spent: texts, options, readers of networks.
let small: [SwiftSetting] =
  Context.environment["LAYERTAP_STATIC"] == nil ? [] : [.unsafeFlags(["-Osize"])]

/// A Swift target below `Sources`. A target may import only those listed above it;
/// `Scripts/check` compares the arrows with `Scripts/arrows.txt`.
func module(_ name: String, uses modules: String..., features: [String] = []) -> Target {
  let isSmall = [
    "LayerTap", "TapArchitectures", "TapCommands", "TapExtraction", "TapInterchange", "TapONNX", "TapProvenance",
    "TapReports", "TapRun", "TapSettings", "TapText", "TapTraining",
  ].contains(name)
  return .target(
    name: name, dependencies: dependencies(modules),
    swiftSettings: strict + features.map { .enableExperimentalFeature($0) } + (isSmall ? small : []))
}

/// The tests of one module, in a folder of the same name.
func tests(_ name: String, uses modules: String..., exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies([name, "TestSupport"] + modules), exclude: exclude,
    swiftSettings: strict)
}

/// Code that the tests of several modules share, in a folder below `Tests`.
func support(_ name: String, uses modules: String...) -> Target {
  .target(name: name, dependencies: dependencies(modules), path: "Tests/" + name, swiftSettings: strict)
}

func dependencies(_ modules: [String]) -> [Target.Dependency] { modules.map { .byName(name: $0) } }

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
  .target(name: "CTapProcess"),
  // -O3 outlives the -O0 that SwiftPM gives C in debug builds: without it a debug run takes minutes.
  .target(name: "CTapKernels", cSettings: [.unsafeFlags(["-O3"])]),
  .target(name: "CTapForeign"),
]

// MARK: - Swift: one direction, from bytes to the command line
let swiftTargets: [Target] = [
  module("TapFileSystem", uses: "CTapProcess"),
  module("TapServing", uses: "TapFileSystem"),
  module("TapTensors", features: ["Lifetimes"]),
  module("TapFormats", uses: "CTapKernels", "TapTensors"),
  module("TapText", uses: "TapFormats"),
  module("TapONNXOperators", uses: "TapTensors"),
  module("TapKernels", uses: "CTapKernels", "CTapOpenBLAS", "TapTensors"),
  module("TapProvenance", uses: "TapFormats"),
  module("TapImages", uses: "CTapCodecs", "CTapKernels", "TapFormats", "TapKernels", "TapProvenance"),
  module(
    "TapBackbone", uses: "CTapKernels", "TapFormats", "TapTensors", "TapONNXOperators", "TapKernels",
    "TapProvenance"),
  module("TapCheckpoints", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapKernels"),
  module(
    "TapONNX", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapONNXOperators", "TapProvenance",
    "TapBackbone"),
  module("TapArchitectures", uses: "TapFormats", "TapTensors", "TapProvenance", "TapBackbone"),
  module(
    "TapExtraction", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance",
    "TapImages", "TapBackbone", "TapCheckpoints", "TapONNX", "TapArchitectures"),
  module(
    "TapFeatures", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance",
    "TapImages", "TapBackbone", "TapExtraction"),
  module("TapLinear", uses: "TapTensors", "TapKernels"),
  module("TapDuplicates", uses: "TapTensors", "TapKernels", "TapImages", "TapLinear"),
  module("TapMetrics", uses: "TapTensors"),
  module("TapSelection", uses: "TapTensors", "TapKernels", "TapLinear", "TapMetrics"),
  module("TapSettings", uses: "TapFormats", "TapProvenance", "TapLinear", "TapSelection"),
  module(
    "TapClassifier", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance",
    "TapImages", "TapBackbone", "TapExtraction", "TapLinear", "TapMetrics", "TapSelection", "TapSettings"),
  // Models in the formats of other programs.
  module(
    "TapInterchange", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapProvenance", "TapImages", "TapBackbone",
    "TapONNX", "TapONNXOperators", "TapExtraction", "TapLinear", "TapClassifier"),
  module(
    "TapTraining", uses: "TapFileSystem", "TapFormats", "TapText", "TapTensors", "TapKernels",
    "TapProvenance", "TapImages", "TapBackbone", "TapFeatures", "TapLinear", "TapDuplicates", "TapMetrics",
    "TapSelection", "TapSettings", "TapClassifier"),
  module(
    "TapAudit", uses: "TapFileSystem", "TapText", "TapTensors", "TapKernels", "TapProvenance", "TapImages",
    "TapFeatures", "TapLinear", "TapDuplicates", "TapMetrics", "TapTraining"),
  module(
    "TapComparison", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapImages",
    "TapBackbone", "TapArchitectures", "TapExtraction", "TapFeatures", "TapLinear", "TapMetrics",
    "TapSelection", "TapSettings", "TapClassifier", "TapTraining"),
  module(
    "TapRun", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapBackbone",
    "TapArchitectures", "TapExtraction", "TapFeatures", "TapMetrics", "TapSettings", "TapClassifier",
    "TapTraining", "TapComparison"),
  module(
    "TapReports", uses: "TapFileSystem", "TapFormats", "TapText", "TapProvenance", "TapImages",
    "TapArchitectures", "TapFeatures", "TapLinear", "TapMetrics", "TapSelection", "TapClassifier",
    "TapInterchange", "TapTraining", "TapAudit", "TapComparison", "TapRun"),
  module(
    "LayerTap", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapKernels", "TapProvenance", "TapImages",
    "TapBackbone", "TapCheckpoints", "TapONNX",
    "TapArchitectures", "TapExtraction", "TapFeatures", "TapLinear", "TapMetrics", "TapSelection",
    "TapSettings", "TapClassifier", "TapInterchange", "TapTraining", "TapAudit", "TapComparison", "TapRun"),
  // The C face; Scripts/c-library links it as liblayertap.so.
  module("TapForeign", uses: "CTapForeign", "TapReports", "LayerTap"),
  module(
    "TapCommands", uses: "TapFileSystem", "TapServing", "TapFormats", "TapText", "TapSettings", "TapReports", "LayerTap"
  ),
  .executableTarget(name: "LayerTapTool", dependencies: ["TapCommands"], swiftSettings: strict),
]

// MARK: - Tests
let testTargets: [Target] = [
  support(
    "TestSupport", uses: "TapFileSystem", "TapFormats", "TapTensors", "TapProvenance", "TapBackbone",
    "TapSettings"),
  tests("TapFileSystem"),
  tests("TapServing", uses: "TapFileSystem"),
  tests("TapFormats"),
  tests("TapText"),
  tests("TapONNXOperators", uses: "TapTensors"),
  tests("TapKernels", uses: "CTapKernels"),
  tests("TapProvenance"),
  tests("TapImages"),
  tests("TapBackbone", uses: "TapKernels", "TapONNXOperators"),
  tests("TapCheckpoints"),
  tests(
    "TapONNX", uses: "TapBackbone", "TapFileSystem", "TapFormats", "TapONNXOperators", "TapProvenance",
    "TapTensors"),
  tests("TapArchitectures", uses: "TapCheckpoints", "TapFileSystem", "TapFormats", "TapImages", "TapKernels"),
  tests(
    "TapExtraction", uses: "TapArchitectures", "TapBackbone", "TapClassifier", "TapFileSystem", "TapFormats",
    "TapImages", "TapONNX", "TapProvenance"),
  tests(
    "TapFeatures", uses: "TrainingSupport", "TapArchitectures", "TapBackbone", "TapExtraction",
    "TapFileSystem", "TapFormats", "TapImages", "TapKernels", "TapProvenance"),
  tests("TapLinear"),
  tests("TapDuplicates", uses: "TapImages", "TapTensors"),
  tests("TapMetrics", uses: "TapTensors"),
  tests("TapSelection", uses: "TapTensors"),
  tests("TapSettings", uses: "TapFormats", "TapLinear", "TapProvenance", "TapSelection"),
  tests("TapClassifier", uses: "TapArchitectures"),
  tests(
    "TapInterchange", uses: "TapArchitectures", "TapBackbone", "TapClassifier", "TapExtraction", "TapFileSystem",
    "TapFormats", "TapImages", "TapLinear", "TapONNX", "TapONNXOperators", "TapProvenance", "TapTensors"),
  support(
    "TrainingSupport", uses: "TestSupport", "TapFormats", "TapProvenance", "TapBackbone", "TapArchitectures",
    "TapExtraction", "TapFeatures", "TapSettings", "TapTraining"),
  tests(
    "TapTraining", uses: "TrainingSupport", "TapArchitectures", "TapBackbone", "TapClassifier",
    "TapComparison", "TapFeatures", "TapFileSystem", "TapFormats", "TapLinear", "TapMetrics", "TapReports",
    "TapSelection", "TapSettings", "TapTensors"),
  tests(
    "TapAudit", uses: "TrainingSupport", "TapFormats", "TapImages", "TapReports", "TapTensors", "TapTraining"),
  tests(
    "TapComparison", uses: "TrainingSupport", "TapArchitectures", "TapBackbone", "TapClassifier",
    "TapFeatures", "TapFileSystem", "TapFormats", "TapImages", "TapLinear", "TapMetrics", "TapProvenance",
    "TapReports", "TapSelection", "TapSettings", "TapTensors", "TapTraining"),
  tests(
    "TapRun", uses: "TrainingSupport", "TapArchitectures", "TapComparison", "TapFileSystem", "TapFormats", "TapImages",
    "TapLinear", "TapProvenance", "TapReports", "TapSettings"),
  tests(
    "TapReports", uses: "TrainingSupport", "TapClassifier", "TapFeatures", "TapFileSystem", "TapFormats", "TapImages",
    "TapLinear", "TapMetrics", "TapProvenance", "TapSelection", "TapTraining"),
  // The program of the documentation; Examples/EmbedAndClassify is the package that a user would make of it.
  .executableTarget(
    name: "ExampleProgram", dependencies: ["LayerTap"],
    path: "Examples/EmbedAndClassify/Sources/EmbedAndClassify", swiftSettings: strict),
  tests("LayerTap", uses: "TapFileSystem", "TapFormats"),
  tests("TapForeign", uses: "CTapForeign", "LayerTap", "TapFormats"),
  tests(
    "TapCommands", uses: "LayerTap", "TapFileSystem", "TapFormats", "TapCheckpoints", "TapKernels",
    "TapTensors", exclude: ["Fixtures"]),
]

// MARK: - Fuzzing, which ordinary builds do not see: Scripts/fuzz says which readers
let fuzzing: [Target] =
  switch Context.environment["LAYERTAP_FUZZING"] {
  case nil: []
  case "images": [fuzzer("TapFormats", "TapImages", "TapProvenance", reader: "Images")]
  case "calls": [fuzzer("CTapForeign", "TapFileSystem", "TapForeign", reader: "Calls")]
  default: [fuzzer("TapBackbone", "TapCheckpoints", "TapONNX", "TapProvenance", reader: "Weights")]
  }

func fuzzer(_ modules: String..., reader: String) -> Target {
  .executableTarget(
    name: "Fuzzing", dependencies: dependencies(modules), path: "Fuzzing",
    exclude: ["README.md", "codecs", "ignored.txt", "seeds.py"]
      + ["Calls", "Images", "Weights"].filter { $0 != reader }, swiftSettings: strict)
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
