// The part of a page that describes the training of a classifier. This part has the search for C, and everything that
// is needed to repeat the training.

import TapClassifier
import TapFileSystem
import TapFormats
import TapLinear
import TapText
import TapTraining

/// The program and the command line that made a report.
package struct ReportOrigin: Sendable {
  /// The name and the version of the program.
  package var program: String
  /// The words of the command line, quoted for a shell.
  package var command: [String]

  package init(program: String, command: [String]) {
    self.program = program
    self.command = command
  }
}

extension HTMLDocument {
  /// Adds the predictions for the held-out images that were used to choose C and layer. Without a test part, the page
  /// has no other predictions.
  mutating func addHeldOutConfusion(of trained: TrainedModel, _ data: LabeledFeatures) {
    let (part, how): (String, String) =
      switch trained.chosen.selection.method {
      case .crossValidation(let folds):
        (
          "cross-validation",
          "Each training image as it was classified by the model of the \(folds - 1) of \(folds) folds that it is not in"
        )
      case .validation:
        ("validation images", "The validation images as the model of the training images classified them")
      case .unjudged: ("", "")
      }
    guard trained.chosen.selection.isJudged else { return }
    addHeading("Confusion matrix (\(part), not a test)")
    addParagraph(
      "\(how), with the layer and C that these same images chose: expect slightly more mistakes on new ones.")
    addConfusionMatrix(trained.heldOutConfusion(of: data), classNames: trained.classNames)
  }

  /// Adds the accuracy by C, with the chosen C marked. Adds nothing if the user gave C.
  mutating func addSearch(_ training: TrainingSummary) {
    guard training.estimates.count > 1 else { return }
    addHeading("The search for C")
    let estimates = training.estimates.sorted { ($0.c ?? 0) < ($1.c ?? 0) }
    let chosen = training.chosenEstimate
    let method =
      training.selection.isValidation
      ? "accuracy on the validation split" : "cross-validated accuracy"
    let mark = chosen.map { chosen in
      "chosen: C \(NumberText.significant(chosen.c)), \(AccuracyText.share(chosen.accuracy)) "
        + "(\(AccuracyText.interval(chosen.accuracy)))"
    }
    addChart(
      LineChart(
        title: "Accuracy by C, \(training.selection.text)",
        summary: "The \(method) for \(estimates.count) values of C. "
          + (mark.map { "The chosen one is marked, \($0)." } ?? ""),
        horizontalTitle: "C (small: simple models, large: close fits)", horizontal: .logarithmic,
        verticalTitle: "\(method), % (95 % intervals)", intervals: .band,
        series: [
          LineChart.Series(
            "accuracy",
            estimates.map { estimate in
              LineChart.Point(
                x: estimate.c ?? 0, estimate.accuracy, mark: estimate.c == chosen?.c ? mark : nil)
            })
        ]))
    addParagraph(
      "\(training.untriedText.map { $0 + " " } ?? "")Intervals take the predictions to be independent and leave out "
        + "that the best of several is a little lucky.")
  }

  /// Adds the settings and hashes that are needed to repeat the training.
  ///
  /// - Parameter further: rows that the classifier does not contain, such as the data of the evaluation.
  mutating func addReproduction(
    of classifier: Classifier, origin: ReportOrigin, further: [(name: String, value: String)] = []
  ) {
    addHeading("How to reproduce it")
    addCommand(origin.command)
    let training = classifier.training
    var settings: [(name: String, value: String)] = [
      ("program", origin.program),
      (
        "classifier",
        "\(training.classifier.title), \(training.settings.loss) loss, solver \(training.solver)"
      ),
      ("penalty", training.c == nil ? "none" : training.settings.penaltyTitle),
      training.c.map { ("C", "\($0)") } ?? ("C", "none"),
      (training.c == nil ? "judged by" : "chosen by", training.selection.text),
    ]
    if let nested = training.nested { settings.append(("nested cross-validation", nested.text)) }
    settings += [
      ("seed", training.settings.word("seed") ?? ""),
      ("standardize", training.standardization),
      ("rows", classifier.normalizesRows ? "divided by their Euclidean norms" : "as they are"),
      ("principal components", training.projection?.text ?? "none"),
      ("class weights", training.settings.word("classWeight") ?? "none"),
      ("fit", training.fitText),
      (
        "fitted on",
        "\(NumberText.grouped(training.classCounts.reduce(0, +))) rows"
          + (training.dataHash.isEmpty ? "" : ", SHA-256 \(training.dataHash)")
      ),
    ]
    settings += further
    if let source = classifier.source {
      let identity = source.identity
      let p = identity.preprocessing
      settings += [
        ("features", "\(source.name), \(NumberText.grouped(classifier.dimensions)) values"),
        ("backbone", identity.backbone),
        ("weights", "SHA-256 \(identity.weightsHash)"),
        ("graph", "SHA-256 \(identity.graphHash)"),
        (
          "input",
          "\(p.size)×\(p.size), \(p.resize.rawValue)"
            + ([.squash, .pad].contains(p.resize) ? "" : ", crop fraction \(p.cropFraction)")
            + ", \(p.interpolation.rawValue)"
        ),
        ("decoding", p.decoding.text),
        (
          "normalization",
          "(x / \(p.scale) - mean) / std, mean \(HTMLDocument.list(p.mean)), std "
            + "\(HTMLDocument.list(p.standardDeviation)), \(p.channels.rawValue)"
        ),
        ("decoder", identity.decoder),
        (
          "numerics",
          "\(identity.precision), revision \(identity.numericsRevision)\(identity.algorithms.isEmpty ? "" : ", tuned: \(identity.algorithms.text)")"
        ),
        ("identity", "SHA-256 \(identity.hash)"),
      ]
    } else {
      settings.append(("features", "a matrix of \(NumberText.grouped(classifier.dimensions)) values"))
    }
    addSettings(settings)
  }

  /// The hash that distinguishes one classifier's file from another; empty if the file cannot be read.
  static func hash(ofModel path: String) -> [(name: String, value: String)] {
    guard let bytes = try? FileSystem.read(path) else { return [] }
    return [("model file", "SHA-256 \(SHA256.hash(bytes).hex)")]
  }

  private static func list(_ values: [Double]) -> String { values.map { "\($0)" }.joined(separator: ", ") }
}

extension ModelSettings {
  /// The name of the penalty in tables. For an unknown penalty, the name is the word in the file.
  fileprivate var penaltyTitle: String {
    (try? training())?.model.penalty?.title ?? word("penalty") ?? Penalty.l2.title
  }
}

extension TrainingSummary {
  /// The values of C that the search skipped; nil if the search tried all values.
  fileprivate var untriedText: String? {
    guard let values = try? settings.training().valuesOfC else { return nil }
    return UntriedValues(tried: estimates.count, of: values).text()?.spellingSettings { "'\($0)'" }
  }

  /// The work of the solver, and how near to its minimum the objective is.
  fileprivate var fitText: String {
    guard classifier.isRegularized else {
      return "class means, exact; scatter within classes \(NumberText.significant(objective))"
    }
    guard gap.isFinite else {
      return
        "\(iterations) iterations; loss \(NumberText.significant(objective)); without a penalty nothing certifies it"
        + (converged ? "" : "; stopped before its tolerance")
    }
    return
      "\(iterations) iterations; objective \(NumberText.significant(objective)), certified to be at most "
      + "\(NumberText.significant(gap)) above its minimum"
      + (converged ? "" : "; stopped before its tolerance")
  }
}

extension Evaluation {
  /// The SHA-256 of the evaluated items, in hexadecimal. The hashed text has one line `<content hash> <class name>` for
  /// each item, in order.
  var dataHash: String {
    var hash = SHA256()
    for item in items { hash.update(Array("\(item.contentHash) \(item.image.label ?? "")\n".utf8)) }
    return hash.finalize().hex
  }
}
