// `layertap predict`: predicts the classes of images.

import LayerTap

extension Command {
  private static let top = Parameter<Int?>.optional(
    "top", .integer(atLeast: 1), valueName: "k", defaultText: "1; with '-' all",
    topic: .output, isCommon: true, help: "How many classes to name for each image.")

  package static let predict = Command(
    "predict", overview: "Classify images with a trained classifier.",
    discussion: """
      Nothing is stored. The classifier first proves on its golden image that backbone and preprocessing \
      are those that it was trained with, and refuses to work if they are not. A logistic regression gives \
      probabilities, a linear SVM margins: positive on the side of the class, at least 1 beyond doubt; a \
      nearest mean similarities, which only compare; or probabilities, if it was trained with --calibrate.

      With '-' paths are read from standard input as they come, and each is answered by one line of JSON, in \
      the same order, as soon as it is its turn: path, class, and the probabilities, margins or similarities of \
      all classes; or path and error.

      A file of features (X.npy, X.npz, X.svm, X.csv) instead of images is answered row by row; labels and weights \
      in it are left aside.

      An image that cannot be read does not end the run: it is named on standard error (with '-' on its \
      line), the others are still classified, and the exit code is 65.
      """,
    parameters: [
      LoadedModel.parameter.declaration, PathSource.images.declaration, PathSource.null.declaration,
      ClassPrinter.format.declaration, top.declaration,
    ] + Options.listedFiles.declarations + DataInput.reading + LoadedModel.options + [
      Options.threads.declaration, Options.instructionSet.declaration,
    ]
  ) { arguments, console in
    let model = try LoadedModel(arguments[LoadedModel.parameter])
    if let features = try FeatureFileArgument(arguments, model.classifier) {
      let printer = ClassPrinter(
        format: arguments[ClassPrinter.format], isStream: false, kind: model.classifier.confidenceKind)
      return try features.predict(top: arguments[top] ?? 1, printer, console)
    }
    let source = try PathSource(arguments)
    for warning in source.warnings { try console.warn(warning) }
    if source.isStream, arguments.has(ClassPrinter.format.declaration) {
      throw UsageError.contradiction(
        "'--format' is for images on the command line; '-' is answered in lines of JSON")
    }
    let (images, _) = try model.images(arguments, console)
    let classifier = model.classifier
    let count = arguments[top] ?? (source.isStream ? classifier.classNames.count : 1)
    try ClassificationRun(
      scoring: images, source: source,
      printer: ClassPrinter(
        format: arguments[ClassPrinter.format], isStream: source.isStream, kind: classifier.confidenceKind),
      threads: arguments[Options.threads],
      classes: { scores in
        classifier.ranking(scores: scores).prefix(count).map {
          PrintedClass(index: nil, name: $0.className, confidence: $0.confidence)
        }
      }
    ).run(console)
  }
}
