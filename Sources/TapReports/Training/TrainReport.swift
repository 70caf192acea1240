// The report of `train`: the table of layers, the chosen C, and how certain these choices are.

import TapClassifier
import TapFileSystem
import TapLinear
import TapMetrics
import TapSelection
import TapText
import TapTraining

/// A trained model, described in words.
package struct TrainReport {
  /// The earlier model from which a training continued.
  package struct Earlier {
    private let path: String
    fileprivate let classifier: Classifier

    /// - Parameter path: the path of the earlier model's file.
    package init(path: String, classifier: Classifier) {
      self.path = path
      self.classifier = classifier
    }

    /// The earlier model and the changes of its classes: `old.layertap: new classes dress, hat; gone: shirt`.
    fileprivate func text(_ names: [String]) -> String {
      let new = names.filter { !classifier.classNames.containsBytes(of: $0) }
      let gone = classifier.classNames.filter { !names.containsBytes(of: $0) }
      var parts = [path]
      if !new.isEmpty { parts.append("new classes \(new.joined(separator: ", "))") }
      if !gone.isEmpty { parts.append("classes gone \(gone.joined(separator: ", "))") }
      return parts.joined(separator: "; ")
    }
  }

  /// The result of the training. Its nested estimate may be added later.
  package var trained: TrainedModel
  private let data: LabeledFeatures
  private let earlier: Earlier?

  /// - Parameter earlier: the earlier model; nil if the training did not continue from a model.
  package init(_ trained: TrainedModel, data: LabeledFeatures, earlier: Earlier? = nil) {
    self.trained = trained
    self.data = data
    self.earlier = earlier
  }

  /// All results that were computed before the test images were used.
  package var selection: String {
    var parts = [overview]
    if trained.results.count > 1 { parts.append(table) }
    parts.append(choice)
    return parts.joined(separator: "\n\n")
  }

  private var overview: String {
    let partition = trained.partition
    var counts = ["\(NumberText.grouped(partition.training.count)) training images"]
    if !partition.validation.isEmpty {
      let drawn = partition.validationFraction.map {
        " (drawn: \(NumberText.percent($0)) % of each class)"
      }
      counts.append(
        "\(NumberText.grouped(partition.validation.count)) validation images\(drawn ?? "")")
    }
    if !partition.test.isEmpty { counts.append("\(NumberText.grouped(partition.test.count)) test images") }
    if case .drawn(let fraction, let seed) = partition.origin {
      counts[counts.count - 1] += " (drawn: \(NumberText.percent(fraction)) % of each class, seed \(seed))"
    }
    let used = (partition.training + partition.validation).map { data.items[$0].weight }
    if let least = used.min(), let most = used.max(), (least, most) != (1, 1) {
      counts.append("weighted \(NumberText.significant(least)) to \(NumberText.significant(most))")
    }
    let classes = trained.classNames
    let names =
      classes.count <= 20
      ? classes.joined(separator: ", ") : "\(classes.prefix(20).joined(separator: ", ")), …"
    return """
      classes      \(WrappedText.text("\(classes.count): \(names)", width: 87, hanging: 13))
      data         \(counts.joined(separator: ", "))
      """
  }

  private var table: String {
    var table = TextTable([
      ("layer", .left), ("dimensions", .right), ("C", .right), ("accuracy", .right), ("95 %", .left),
      ("", .left),
    ])
    for (index, result) in trained.results.enumerated() {
      let chosen = result.selection.chosen
      table.add([
        result.candidate.name, String(result.candidate.features.columns), NumberText.significant(chosen.c),
        AccuracyText.share(chosen.accuracy), AccuracyText.interval(chosen.accuracy),
        index == trained.chosenIndex ? "chosen" : "",
      ])
    }
    return table.text
  }

  private var choice: String {
    let result = trained.chosen
    let chosen = result.selection.chosen
    let model = trained.model
    let tried = result.selection.candidates.count
    guard chosen.c != nil else {
      return """
        features     \(source)
        estimate     \(estimate)\(judged)\(warmStart)
        fit          class means, exact; a nearest mean has no C\(calibration)
        """
    }
    let how =
      result.selection.rule == .best ? "the best" : "the smallest within a standard error of the best,"
    return """
      features     \(source)
      \(regularization(tried > 1 ? "\(how) of \(tried) values of C" : given))
      estimate     \(estimate)\(judged)\(warmStart)
      fit          \(model.iterations) \(steps)\(products); \(certificate)\(calibration)
      """
  }

  private var steps: String {
    switch trained.model.solver {
    case .lbfgs: "steps of L-BFGS"
    case .dualDescent: "epochs of coordinate descent on the dual"
    default: trained.model.kind == .svm ? "steps" : "Newton steps"
    }
  }

  private var certificate: String {
    let model = trained.model
    if model.gap.isFinite {
      // No loss is below 0, so the minimum is at least 0. A relative gap of 1 or more is therefore known without a
      // certificate and says nothing.
      return model.relativeGap < 1
        ? "the objective is within a relative \(NumberText.significant(model.relativeGap)) of its minimum"
        : "the certificate does not say how near its minimum the objective is"
    }
    return "without a penalty nothing certifies how near its minimum the objective is"
  }

  /// C and the way in which C was chosen. If the penalty is not the default, a line about the penalty comes first.
  private func regularization(_ how: String) -> String {
    let penalty = trained.settings.model.penalty ?? .none
    if penalty == .none { return "penalty      none" }
    let c = "C            \(NumberText.significant(trained.chosen.selection.chosen.c)), \(how)"
    if penalty == .l2 { return c }
    let (count, total) = trained.model.nonzeroWeights
    return
      "penalty      \(penalty.title): \(NumberText.grouped(total - count)) of \(NumberText.grouped(total)) weights are "
      + "exactly 0\n" + c
  }

  /// Up to two lines. If the metric of the choice is not the accuracy, one line states the metric. If the classes are
  /// unbalanced, one line states the result of the worst class.
  private var judged: String {
    (trained.criterionText.map { "\nchosen by    \($0)" } ?? "")
      + (trained.worstClass(data).map { "\nworst class  \($0)" } ?? "")
  }

  /// The source of a single value of C, in words.
  private var given: String {
    guard let earlier, trained.model.c == earlier.classifier.training.c else { return "as given" }
    return "as the earlier model has it"
  }

  /// The cost of the fit in Hessian products, if the training continued from an earlier model.
  private var products: String {
    guard earlier != nil else { return "" }
    return " and \(NumberText.grouped(trained.model.hessianProducts)) Hessian products"
  }

  /// A separate line about the earlier model, if the training continued from an earlier model.
  private var warmStart: String {
    earlier.map { "\nwarm start   \($0.text(trained.classNames))" } ?? ""
  }

  /// A separate line about the calibration; empty if nothing is to be said.
  private var calibration: String {
    switch trained.calibration {
    case nil:
      trained.settings.calibration == .automatic && trained.estimateFailure == nil
        ? "\ncalibration  none: probabilities of images held out are better as they are" : ""
    case .platt(_): "\ncalibration  Platt's sigmoids, fitted on margins of images held out"
    case .temperature(let temperature) where trained.settings.model.kind != .logistic:
      "\ncalibration  temperature \(NumberText.significant(temperature)), fitted on scores of images held out"
    case .temperature(let temperature):
      "\ncalibration  temperature \(NumberText.significant(temperature)), fitted on scores of images held out: "
        + (temperature > 1 ? "less sure than before" : "surer than before")
    }
  }

  /// The accuracy by which the model was chosen: `cross-validated accuracy 81.2 % (76.9-84.8, 95 %, …)`.
  package var estimate: String {
    let selection = trained.chosen.selection
    let accuracy = selection.chosen.accuracy
    let (name, counted): (String, String) =
      switch selection.method {
      case .crossValidation(let folds):
        (
          "cross-validated",
          "training images in \(folds) folds"
            + (selection.repeats > 1 ? ", mean of \(selection.repeats) repeats" : "")
        )
      case .validation: ("validation", "validation images")
      case .unjudged: ("", "")
      }
    guard selection.isJudged else { return "none: no image could be held out" }
    return "\(name) accuracy \(AccuracyText.share(accuracy)) (\(AccuracyText.interval(accuracy)), "
      + "\(AccuracyText.level(accuracy)), \(NumberText.grouped(accuracy.count)) \(counted); majority class "
      + "\(AccuracyText.share(majority)))"
  }

  /// The share of the majority class among the images of the estimate.
  private var majority: Proportion {
    let partition = trained.partition
    let counted = partition.validation.isEmpty ? partition.training : partition.validation
    var counts: [ByteKey: Int] = [:]
    for index in counted { counts[ByteKey(data.items[index].image.label ?? ""), default: 0] += 1 }
    return Proportion(successes: counts.values.max() ?? 0, count: counted.count)
  }

  private var source: String {
    let candidate = trained.chosen.candidate
    let values =
      "\(NumberText.grouped(candidate.features.columns)) values"
      + (trained.model.normalizesRows ? ", each row divided by its norm" : "")
      + (trained.model.projection.map { "\ncomponents   \($0.text)" } ?? "")
    guard let identity = data.identity else { return "a matrix of \(values)" }
    return "\(identity.backbone), \(candidate.name), \(values)"
  }

  /// Warnings for a reader who reads only the last line.
  package var warnings: [String] {
    var warnings = [trained.heldOutRecalls(data).neverPredicted].compactMap(\.self)
    warnings += trained.missingEstimates + ConvergenceWarnings(trained).all
    let selection = trained.chosen.selection
    let tried = selection.candidates.compactMap(\.c)
    if tried.count > 1, let c = selection.chosen.c, c == lastOfSearch {
      warnings.append(
        "The best C is the largest that was tried, \(NumberText.significant(c)): "
          + "a larger one may do better (--c).")
    }
    warnings += duplicates
    if trained.partition.unlabeled > 0 {
      warnings.append(
        trained.partition.unlabeled == 1
          ? "1 image has no label and is left out."
          : "\(NumberText.grouped(trained.partition.unlabeled)) images have no label and are left out.")
    }
    warnings += [trained.partition.weightlessText, trained.tinyColumnsText].compactMap(\.self)
    return warnings
  }

  /// The largest C of the whole search. If a search stopped before this C, the reason was that a larger C was not
  /// better.
  private var lastOfSearch: Double? {
    switch trained.settings.c {
    case .chosen(let values): (values ?? RegularizationSearch.automaticCandidates).max()
    case .fixed: nil
    }
  }

  /// Warnings about repeated images, if the repeats make a number wrong.
  private var duplicates: [String] {
    let duplicates = Duplicates(data, trained.partition)
    var warnings: [String] = []
    if duplicates.leaked > 0 {
      warnings.append(
        "\(NumberText.grouped(duplicates.leaked)) of the test images \(duplicates.leaked == 1 ? "is" : "are") among the "
          + "training images too: the test "
          + "accuracy is too good.")
    }
    if duplicates.contradictions > 0 {
      warnings.append(
        "\(NumberText.grouped(duplicates.contradictions)) image\(duplicates.contradictions == 1 ? " occurs" : "s occur") with "
          + "different labels "
          + "(\(duplicates.firstContradiction.joined(separator: ", "))): no classifier is right on both.")
    }
    if duplicates.repeated > 0, trained.partition.validation.isEmpty {
      warnings.append(
        "\(NumberText.grouped(duplicates.repeated)) training "
          + (duplicates.repeated == 1 ? "image is a copy of another" : "images are copies of others")
          + ": where copies lie in different "
          + "folds the cross-validated accuracy is no honest estimate; give them one group.")
    }
    return warnings
  }
}
