// The metrics of an evaluation as files for programs: all metrics as JSON, or CSV with one number on each line.

import TapFormats
import TapMetrics

extension EvaluationMetrics {
  /// The fields that Documentation/Metrics.md lists.
  ///
  /// - Parameter classNames: the names of the classes, in the order of class indices.
  package func json(classNames: [String]) -> JSONValue {
    precondition(classNames.count == confusion.classCount, "\(classNames.count) names")
    let k = classNames.count
    var fields: [String: JSONValue] = [
      "format": .integer(1),
      "images": .integer(accuracy.count),
      "accuracy": accuracy.json,
      "majority": majority.json,
      "balancedAccuracy": .number(balancedAccuracy),
      "macroF1": .number(macroF1),
      "weightedF1": .number(weightedF1),
      "rocAUC": .optional(rocAUC),
      "averagePrecision": .optional(averagePrecision),
      "classes": .array(
        classNames.indices.map { index in
          let scores = classes[index]
          return .object([
            "class": .string(classNames[index]), "support": .integer(scores.support),
            "precision": .number(scores.precision), "recall": .number(scores.recall),
            "f1": .number(scores.f1), "rocAUC": .optional(rankings[index].rocAUC),
            "averagePrecision": .optional(rankings[index].averagePrecision),
          ])
        }),
      "confusion": .array(
        (0..<k).map { actual in .array(confusion.counts[actual * k..<(actual + 1) * k].map(JSONValue.integer))
        }),
    ]
    if let top { fields["top"] = .object(["k": .integer(top.k), "accuracy": top.accuracy.json]) }
    if let logLoss { fields["logLoss"] = .number(logLoss) }
    if let brierScore { fields["brierScore"] = .number(brierScore) }
    if let reliability { fields["calibration"] = reliability.json }
    if let coverage {
      fields["coverage"] = .array(
        coverage.map { part in
          .object([
            "coverage": .number(part.wanted), "leastProbability": .number(part.leastProbability),
            "accuracy": part.accuracy.json,
          ])
        })
    }
    if let bootstrap { fields["bootstrap"] = bootstrap.json }
    return .object(fields)
  }

  /// A CSV with the columns `metric,class,predicted,value,lower,upper` and one number on each line. The metrics of all
  /// images come first, then the metrics of each class, then the counts of the confusion matrix that are above 0.
  /// `lower` and `upper` are the ends of the 95 % interval, if the metric has one.
  package func csv(classNames: [String]) -> String {
    precondition(classNames.count == confusion.classCount, "\(classNames.count) names")
    var text = CSV.line(["metric", "class", "predicted", "value", "lower", "upper"])
    func add(_ metric: String, of name: String = "", as predicted: String = "", _ value: String) {
      text += CSV.line([metric, name, predicted, value, "", ""])
    }
    func add(_ metric: String, of name: String = "", _ share: Proportion) {
      let interval = share.interval()
      text += CSV.line([metric, name, "", "\(share.value)", "\(interval.lower)", "\(interval.upper)"])
    }
    add("images", "\(accuracy.count)")
    add("accuracy", accuracy)
    add("majority", majority)
    func add(_ metric: String, _ value: Double?, _ interval: ConfidenceInterval? = nil, of name: String = "") {
      guard let value else { return }
      text += CSV.line([
        metric, name, "", "\(value)", interval.map { "\($0.lower)" } ?? "",
        interval.map { "\($0.upper)" } ?? "",
      ])
    }
    if let bootstrap { add("accuracy_bootstrap", accuracy.value, bootstrap.accuracy) }
    add("balanced_accuracy", balancedAccuracy, bootstrap?.balancedAccuracy)
    add("macro_f1", macroF1, bootstrap?.macroF1)
    add("weighted_f1", weightedF1, bootstrap?.weightedF1)
    if let top { add("top_\(top.k)_accuracy", top.accuracy) }
    add("roc_auc", rocAUC)
    add("average_precision", averagePrecision)
    add("log_loss", logLoss)
    add("brier_score", brierScore)
    add("calibration_error", reliability?.expectedCalibrationError)
    for part in coverage ?? [] where part.wanted < 1 {
      add("accuracy_of_surest_\(Int((100 * part.wanted).rounded()))", part.accuracy)
    }
    for (index, name) in classNames.enumerated() {
      let scores = classes[index]
      add("support", of: name, "\(scores.support)")
      add("precision", of: name, "\(scores.precision)")
      add("recall", of: name, "\(scores.recall)")
      add("f1", of: name, "\(scores.f1)")
      add("roc_auc", rankings[index].rocAUC, of: name)
      add("average_precision", rankings[index].averagePrecision, of: name)
    }
    for (actual, name) in classNames.enumerated() {
      for (predicted, other) in classNames.enumerated() {
        let count = confusion[actual: actual, predicted: predicted]
        if count > 0 { add("confusion", of: name, as: other, "\(count)") }
      }
    }
    return text
  }
}

extension Reliability {
  /// The expected calibration error and the bins that hold predictions.
  fileprivate var json: JSONValue {
    .object([
      "expectedError": .number(expectedCalibrationError), "binCount": .integer(bins.count),
      "bins": .array(
        bins.filter { $0.accuracy.count > 0 }.map { bin in
          .object([
            "lower": .number(bin.lower), "upper": .number(bin.upper),
            "count": .integer(bin.accuracy.count), "accuracy": .number(bin.accuracy.value),
            "confidence": .number(bin.confidence),
          ])
        }),
    ])
  }
}

extension BootstrapIntervals {
  fileprivate var json: JSONValue {
    func interval(_ interval: ConfidenceInterval) -> JSONValue {
      .object(["lower": .number(interval.lower), "upper": .number(interval.upper)])
    }
    var fields: [String: JSONValue] = [
      "resamples": .integer(resamples), "accuracy": interval(accuracy),
      "balancedAccuracy": interval(balancedAccuracy), "macroF1": interval(macroF1),
      "weightedF1": interval(weightedF1),
    ]
    if let groups { fields["groups"] = .integer(groups) }
    return .object(fields)
  }
}

extension JSONValue {
  /// A number, or null for nil.
  fileprivate static func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
}

extension Proportion {
  /// Counts, share and the 95 % interval. If the interval was drawn by whole groups, the object also has the number of
  /// groups.
  package var json: JSONValue {
    let interval = interval()
    var fields: [String: JSONValue] = [
      "correct": .integer(successes), "count": .integer(count), "share": .number(value),
      "lower": .number(interval.lower), "upper": .number(interval.upper),
    ]
    if let resampled { fields["groups"] = .integer(resampled.groups) }
    return .object(fields)
  }
}
