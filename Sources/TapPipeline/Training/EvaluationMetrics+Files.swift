// The numbers of an evaluation for programs: JSON in full, CSV one number a line.

import TapFormats
import TapMetrics

extension EvaluationMetrics {
  /// The fields that Documentation/Metrics.md lists.
  ///
  /// - Parameter classNames: in the order of class indices.
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
      "classes": .array(
        zip(classNames, classes).map { name, scores in
          .object([
            "class": .string(name), "support": .integer(scores.support),
            "precision": .number(scores.precision), "recall": .number(scores.recall),
            "f1": .number(scores.f1),
          ])
        }),
      "confusion": .array(
        (0..<k).map { actual in .array(confusion.counts[actual * k..<(actual + 1) * k].map(JSONValue.integer))
        }),
    ]
    if let top { fields["top"] = .object(["k": .integer(top.k), "accuracy": top.accuracy.json]) }
    if let logLoss { fields["logLoss"] = .number(logLoss) }
    return .object(fields)
  }

  /// `metric,class,predicted,value,lower,upper`, a number a line: those of all images first, then those of each class,
  /// then the confusions that occur. `lower` and `upper` are the 95 % interval where there is one.
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
    add("balanced_accuracy", "\(balancedAccuracy)")
    add("macro_f1", "\(macroF1)")
    if let top { add("top_\(top.k)_accuracy", top.accuracy) }
    if let logLoss { add("log_loss", "\(logLoss)") }
    for (name, scores) in zip(classNames, classes) {
      add("support", of: name, "\(scores.support)")
      add("precision", of: name, "\(scores.precision)")
      add("recall", of: name, "\(scores.recall)")
      add("f1", of: name, "\(scores.f1)")
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

extension Proportion {
  /// Counts, share and the 95 % interval.
  package var json: JSONValue {
    let interval = interval()
    return .object([
      "correct": .integer(successes), "count": .integer(count), "share": .number(value),
      "lower": .number(interval.lower), "upper": .number(interval.upper),
    ])
  }
}
