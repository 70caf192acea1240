// A fitted model as JSON.

import LayerTap
import TapReports

extension MatrixFit {
  /// Everything that is known about the fit, except its weights.
  var json: JSONValue {
    .object([
      "classes": .integer(model.classCount), "dimensions": .integer(model.dimensions),
      "c": model.c.map(JSONValue.number) ?? .null, "objective": .finite(model.objective),
      "gap": .finite(model.gap), "relativeGap": .finite(model.relativeGap),
      "gradientNorm": .finite(model.gradientNorm), "iterations": .integer(model.iterations),
      "hessianProducts": .integer(model.hessianProducts), "converged": .bool(model.converged),
      "hasProbabilities": .bool(model.kind == .logistic), "classifier": .string(model.kind.rawValue),
      "solver": .string(model.solver.rawValue), "stopReason": .string(model.stopReason.rawValue),
      "classNames": .array(classNames.map(JSONValue.string)), "settings": settings.json,
      "selection": selection?.json ?? .null, "warnings": .array(warnings.map(JSONValue.string)),
    ])
  }

  private var warnings: [String] {
    let unjudged = Selection.unjudged(c: model.c, rule: .best, criterion: .accuracy)
    return ConvergenceWarnings(model: model, selection: selection ?? unjudged).all
      + [model.tinyColumnsText].compactMap(\.self)
  }
}

extension Selection {
  /// The values of C that were tried, each with its results on held-out rows.
  fileprivate var json: JSONValue {
    var fields: [String: JSONValue] = [
      "criterion": .string(criterion.rawValue), "rule": .string(rule.rawValue),
      "c": chosen.c.map(JSONValue.number) ?? .null,
      "candidates": .array(
        candidates.map { candidate in
          .object([
            "c": candidate.c.map(JSONValue.number) ?? .null, "accuracy": .finite(candidate.accuracy.value),
            "foldAccuracies": .array(candidate.folds.map { .finite($0.value) }),
            "logLoss": candidate.logLoss.map(JSONValue.finite) ?? .null, "score": .finite(candidate.score),
            "standardError": .finite(candidate.standardError), "converged": .bool(candidate.converged),
          ])
        }),
    ]
    if case .crossValidation(let folds) = method { fields["folds"] = .integer(folds) }
    return .object(fields)
  }
}

extension JSONValue {
  /// A number, or null for a number that JSON cannot express.
  fileprivate static func finite(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
}
