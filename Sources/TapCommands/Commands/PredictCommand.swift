// `layertap predict`: predicts the classes of images.

import LayerTap
import TapReports

extension Command {
  private static let top = Parameter<Int?>.optional(
    "top", .integer(atLeast: 1), valueName: "k", defaultText: "1; with '-' all",
    topic: .output, isCommon: true, help: "How many classes to name for each image.")

  private static let rejectBelow = Parameter<Double?>.optional(
    "reject-below", .share, valueName: "probability", range: "0 to 1",
    defaultText: "the model's threshold, if it has one",
    topic: .output, isCommon: true,
    help: "Give no class to an image whose most likely class has a smaller probability. 0 gives every image a class.")

  package static let predict = predicting(
    "predict", overview: "Classify images with a trained classifier.", model: LoadedModel.parameter.declaration
  ) { arguments in try LoadedModel(arguments[LoadedModel.parameter]) }

  /// The command `predict`, or the command of an exported program.
  ///
  /// - Parameters:
  ///   - model: the argument that names the model; nil if the program has one.
  ///   - load: returns the model.
  static func predicting(
    _ name: String, overview: String, model: ArgumentDeclaration?,
    load: @escaping @Sendable (ParsedArguments) throws -> LoadedModel
  ) -> Command {
    Command(
      name, overview: overview,
      discussion: """
        Nothing is stored. The classifier first proves on its golden image that backbone and preprocessing \
        are those that it was trained with, and refuses to work if they are not. A logistic regression gives \
        probabilities, a linear SVM margins: positive on the side of the class, at least 1 beyond doubt; a \
        nearest mean similarities, which only compare; or probabilities, if it was trained with --calibrate.

        With '-' paths are read from standard input as they come, and each is answered by one line of JSON, in \
        the same order, as soon as it is its turn: path, class, and the probabilities, margins or similarities of \
        all classes; or path and error. With '--stdin frames' it has names and bytes of image files in place of paths, \
        and the answers have index and name.

        With '--listen unix:PATH' it serves many clients of a socket, which send frames and get the same lines, until \
        the process gets SIGTERM.

        A file of features (X.npy, X.npz, X.svm, X.csv) instead of images is answered row by row; labels and weights \
        in it are left aside.

        An image that cannot be read does not end the run: it is named on standard error (with '-' on its \
        line), the others are still classified, and the exit code is 65.
        """,
      parameters: (model.map { [$0] } ?? []) + [PathSource.imagesUnlessServing.declaration] + PathSource.options + [
        ServedClassifier.listen.declaration,
        ClassPrinter.format.declaration, top.declaration, rejectBelow.declaration,
        ImagePredictor.explanations.declaration,
      ] + Options.listedFiles.declarations + DataInput.reading + LoadedModel.options + [
        Options.threads.declaration, Options.instructionSet.declaration,
      ]
    ) { arguments, console in
      let model = try load(arguments)
      let classifier = model.classifier
      if arguments[rejectBelow] != nil, classifier.confidenceKind != .logistic {
        throw UsageError.contradiction(
          "'--reject-below' compares probabilities, and this model gives \(classifier.confidenceKind.scoreName) values: train it "
            + "with --calibrate")
      }
      var printer = ClassPrinter(
        format: arguments[ClassPrinter.format], isStream: false, kind: classifier.confidenceKind,
        leastProbability: arguments[rejectBelow] ?? classifier.threshold?.leastProbability,
        novelty: classifier.novelty)
      if arguments[rejectBelow] == nil, let threshold = classifier.threshold { console.note(threshold.note) }
      if let address = arguments[ServedClassifier.listen] {
        return try ServedClassifier(address, arguments).run(model, printer, top: arguments[top], console)
      }
      if let features = try FeatureFileArgument(arguments, classifier) {
        return try features.predict(top: arguments[top] ?? 1, printer, console)
      }
      let explanations = arguments[ImagePredictor.explanations]
      let source =
        try explanations == nil ? PathSource(arguments) : PathSource(listedIn: arguments, for: "--explain")
      for warning in source.warnings { try console.warn(warning) }
      if source.isStream, arguments.has(ClassPrinter.format.declaration) {
        throw UsageError.contradiction(
          "'--format' is for images on the command line; '-' is answered in lines of JSON")
      }
      let folder = try explanations.map {
        try ExplanationFolder($0, option: "--explain", apartFrom: source.listed)
      }
      let (images, backbone) = try model.images(arguments, console)
      let explainer = try folder.map { _ in
        try ImageExplainer(
          images, backbone: backbone, instructionSet: arguments[Options.instructionSet] ?? .best)
      }
      let notes = explainer?.notes ?? []
      for note in notes { console.note("note: \(note.text)") }
      let count = arguments[top] ?? (source.isStream ? classifier.classNames.count : 1)
      printer.isStream = source.isStream
      let answers = printer
      try ClassificationRun(
        answering: ImagePredictor(
          images: images, explained: explainer.map { ExplainedImages(explainer: $0, keepsCrops: true) }),
        source: source, printer: answers, threads: arguments[Options.threads],
        isTimed: arguments[PathSource.time],
        entry: { image, answer in
          let path = image.label.text
          if let folder, let explanation = answer.explanation, let crop = explanation.crop {
            try folder.write(
              ExplanationReport(explanation.explained, of: path, by: classifier, notes: notes), of: path,
              crop: crop)
          }
          let classes = classifier.ranking(scores: answer.scores).prefix(count).map {
            PrintedClass(index: nil, name: $0.className, confidence: $0.confidence)
          }
          return answers.entry(image, classes, distance: answer.distance)
        }
      ).run(console)
    }
  }
}
