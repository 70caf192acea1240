// A diagnosis of the preprocessing as JSON, for programs. All names are full names, and nothing is rounded.

import TapComparison
import TapFormats
import TapMetrics
import TapProvenance

extension PreprocessingDiagnosis {
  /// - Parameter warnings: the program's warnings.
  package func json(warnings: [String]) -> JSONValue {
    var fields: [String: JSONValue] = [
      "format": .integer(1), "backbone": .string(backbone), "preprocessing": preprocessing.json,
      "available": .integer(available), "testImages": .integer(testImages), "seed": .string("\(seed)"),
      "classes": .object(["available": .integer(classes.available), "drawn": .integer(classes.drawn)]),
      "images": .array(images.map { .string($0.path) }),
      "unreadable": .array(
        unreadable.map { .object(["path": .string($0.path), "reason": .string($0.reason)]) }),
      "columns": .array(columns.map(Self.json)),
      "warnings": .array(warnings.map(JSONValue.string)),
    ]
    switch measurement {
    case .success(let measurement):
      fields["measurement"] = .object([
        "folds": .integer(measurement.folds), "c": .number(measurement.c),
        "classes": .integer(measurement.classes), "majority": measurement.majority.json,
      ])
    case .failure(.unlabeled): fields["noAccuracies"] = .string("no image has a label")
    case .failure(.tooFewClasses):
      fields["noAccuracies"] = .string("fewer than two classes have two images that can be read")
    case .failure(.unsplittable(let error)): fields["noAccuracies"] = .string(error.description)
    }
    return .object(fields)
  }

  private static func json(_ column: ColumnFindings) -> JSONValue {
    var fields: [String: JSONValue] = [
      "column": column.column.json, "name": .string(column.column.name),
      "dimensions": .integer(column.dimensions), "findings": .array(column.findings.map(json)),
    ]
    if let apart = column.apart { fields["apart"] = .number(apart) }
    if let accuracy = column.accuracy { fields["accuracy"] = accuracy.json }
    return .object(fields)
  }

  private static func json(_ finding: Finding) -> JSONValue {
    var fields: [String: JSONValue] = [
      "name": .string(finding.variant.name), "options": .string(finding.variant.options),
      "preprocessing": finding.variant.preprocessing.json, "touched": .integer(finding.touched),
      "meanMovement": .number(finding.meanMovement),
    ]
    if let movement = finding.movement {
      fields["movement"] = .object([
        "median": .number(movement.median), "percentile95": .number(movement.high),
      ])
    }
    if let cosine = finding.cosine { fields["cosine"] = .number(cosine) }
    if let mismatched = finding.mismatched { fields["testedOnIt"] = json(mismatched) }
    if let retrained = finding.retrained { fields["trainedOnItToo"] = json(retrained) }
    return .object(fields)
  }

  private static func json(_ accuracy: Accuracy) -> JSONValue {
    .object([
      "accuracy": accuracy.accuracy.json, "points": .number(accuracy.gain),
      "onlyThis": .integer(accuracy.againstPresent.onlyFirst),
      "onlyPresent": .integer(accuracy.againstPresent.onlySecond),
      "pValue": .number(accuracy.againstPresent.pValue),
    ])
  }
}
