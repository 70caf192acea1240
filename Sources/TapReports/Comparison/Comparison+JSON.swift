// A comparison as JSON, for programs.

import TapComparison
import TapFormats
import TapMetrics
import TapProvenance
import TapSelection

extension Comparison {
  /// Every entry (a column with a classifier) with the accuracy at each C, the result on the test images, and the
  /// learning curve.
  ///
  /// - Parameter warnings: the program's warnings, which include ``warnings``.
  package func json(warnings: [String]) -> JSONValue {
    var fields: [String: JSONValue] = [
      "format": .integer(1), "classNames": .array(classNames.map(JSONValue.string)),
      "images": .object([
        "training": .integer(partition.training.count), "validation": .integer(partition.validation.count),
        "test": .integer(partition.test.count),
      ]),
      "method": .string(method.text), "criterion": .string(criterion.rawValue), "best": .integer(bestIndex),
      "tried": .integer(tried),
      "entries": .array(entries.map(Self.json)),
      "warnings": .array(warnings.map(JSONValue.string)),
    ]
    if !baselines.isEmpty { fields["baselines"] = .array(baselines.map(Self.json)) }
    if let corrected { fields["corrected"] = corrected.json }
    if let adviceJSON { fields["advice"] = adviceJSON }
    if let test { fields["test"] = test.accuracy.json }
    if let nested { fields["nested"] = nested.accuracy.json }
    if let learningCurve { fields["learningCurve"] = learningCurve.json }
    return .object(fields)
  }

  /// A baseline of k nearest neighbors.
  static func json(_ baseline: NeighborBaseline) -> JSONValue {
    var fields: [String: JSONValue] = [
      "name": .string(baseline.name), "dimensions": .integer(baseline.dimensions),
      "classifier": .string(neighbors), "k": .integer(baseline.chosen.k),
      "accuracy": baseline.chosen.accuracy.json, "pValue": .number(baseline.againstBest.pValue),
      "adjustedPValue": .number(baseline.adjustedPValue),
      "onlyThis": .integer(baseline.againstBest.onlyFirst),
      "onlyBest": .integer(baseline.againstBest.onlySecond),
      "path": .array(
        baseline.candidates.map { .object(["k": .integer($0.k), "accuracy": $0.accuracy.json]) }),
    ]
    if let milliseconds = baseline.milliseconds { fields["milliseconds"] = .number(milliseconds) }
    return .object(fields)
  }

  /// One entry. A field with an unknown value is left out.
  static func json(_ entry: Entry) -> JSONValue {
    var fields: [String: JSONValue] = [
      "name": .string(entry.name), "dimensions": .integer(entry.dimensions),
      "classifier": .string(entry.classifier.rawValue),
      "c": entry.selection.chosen.c.map(JSONValue.number) ?? .null,
      "converged": .bool(entry.selection.chosen.converged),
      "accuracy": entry.accuracy.json, "score": .number(entry.selection.chosen.score),
      "pValue": .number(entry.againstBest.pValue), "adjustedPValue": .number(entry.adjustedPValue),
      "onlyThis": .integer(entry.againstBest.onlyFirst), "onlyBest": .integer(entry.againstBest.onlySecond),
      "path": .array(
        entry.selection.candidates.map {
          .object(["c": $0.c.map(JSONValue.number) ?? .null, "accuracy": $0.accuracy.json])
        }),
    ]
    if let column = entry.column { fields["column"] = column.json }
    if entry.isCombination { fields["columns"] = .array(entry.columns.map(\.json)) }
    if let backbone = entry.backbone { fields["backbone"] = .string(backbone) }
    if let resize = entry.resize { fields["resize"] = .string(resize) }
    if let milliseconds = entry.milliseconds { fields["milliseconds"] = .number(milliseconds) }
    if let multiplyAdds = entry.multiplyAdds { fields["multiplyAdds"] = .integer(multiplyAdds) }
    return .object(fields)
  }
}

extension CorrectedAccuracy {
  package var json: JSONValue {
    .object([
      "share": .number(value), "lower": .number(interval.lower), "upper": .number(interval.upper),
      "resamples": .integer(resamples),
    ])
  }
}

extension LearningCurve {
  package var json: JSONValue {
    .object([
      "c": model.c.map(JSONValue.number) ?? .null, "classifier": .string(model.kind.rawValue),
      "points": .array(
        points.map { point in
          .object([
            "imagesPerClass": .integer(point.rowsPerClass), "images": .integer(point.rows),
            "draws": .array(point.draws.map(\.json)), "mean": .number(point.mean),
            "deviation": .number(point.deviation), "lower": .number(point.interval.lower),
            "upper": .number(point.interval.upper),
          ])
        }),
    ])
  }
}
