// `layertap classify`: predicts the classes that the backbone itself was trained on.

import LayerTap

extension Command {
  private static let top = Parameter<Int>.option(
    "top", .integer(atLeast: 1), valueName: "k", default: 5, topic: .output, isCommon: true,
    help: "How many classes to name for each image.")

  private static let tune = Parameter<Bool>.flag(
    "tune",
    topic: .running,
    help: """
      Measure once which algorithm computes each convolution fastest here, as 'extract --tune' does. Probabilities \
      change by rounding.
      """)

  package static let classify = Command(
    "classify", overview: "Classify images by the backbone's own classes.",
    discussion: """
      The 1,000 classes of ImageNet that the backbone was trained on, with the probabilities that it gives \
      them. Nothing is trained and nothing is stored. '-' reads paths from standard input, as 'predict' does.

        layertap classify photos/*.jpg
      """,
    parameters: [PathSource.images.declaration] + PathSource.options + [
      ClassPrinter.format.declaration, top.declaration,
    ] + Options.listedFiles.declarations + Options.backbone.declarations + [
      tune.declaration, Options.threads.declaration, Options.instructionSet.declaration,
    ] + Options.preprocessing.declarations
  ) { arguments, console in
    let source = try PathSource(arguments)
    for warning in source.warnings { try console.warn(warning) }
    if source.isStream, arguments.has(ClassPrinter.format.declaration) {
      throw UsageError.contradiction(
        "'--format' is for images on the command line; '-' is answered in lines of JSON")
    }
    let instructionSet = arguments[Options.instructionSet] ?? .best
    var backbone = try Options.loadBackbone(arguments, console)
    if arguments[tune] {
      backbone = try Options.tuned(backbone, stores: nil, instructionSet: instructionSet, console)
    }
    try BackboneClassificationRun(
      backbone, source: source, format: arguments[ClassPrinter.format], top: arguments[top],
      isTimed: arguments[PathSource.time], threads: arguments[Options.threads], instructionSet: instructionSet
    ).run(console)
  }
}
