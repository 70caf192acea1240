// The results of a training in a classifier's file, as canonical JSON objects with named fields.

import TapFormats
import TapLinear
import TapMetrics
import TapSelection

extension TrainingSummary {
  /// The settings, the results and the choice of C, under the keys of the classifier's file.
  package var record: [String: JSONValue] {
    ["settings": settings.json, "training": json, "selection": selection.json]
  }

  /// The results without settings and selection, which have their own keys.
  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "solver": .string(solver), "standardization": .string(standardization),
      "objective": .number(objective), "iterations": .integer(iterations), "converged": .bool(converged),
      "estimates": .array(estimates.map(\.json)), "classCounts": .array(classCounts.map(JSONValue.integer)),
      "dataHash": .string(dataHash),
    ]
    if gap.isFinite { fields["gap"] = .number(gap) }
    if let c { fields["c"] = .number(c) }
    if let projection { fields["pca"] = projection.json }
    if let nested { fields["nested"] = nested.json }
    return .object(fields)
  }

  init(
    json: JSONValue, settings: ModelSettings, selection: SelectionRecord, whitens: Bool
  ) throws(JSONError) {
    let hasC = settings.classifier.isRegularized
    var estimates: [Estimate] = []
    for entry in try json.array("estimates") { estimates.append(try Estimate(json: entry, hasC: hasC)) }
    let hasGap = json["gap"] != nil || settings.word("penalty") != "none"
    self.init(
      settings: settings, solver: try json.string("solver"), c: hasC ? try json.double("c") : nil,
      standardization: try json.string("standardization"), objective: try json.double("objective"),
      gap: hasGap ? try json.double("gap") : .infinity, iterations: try json.int("iterations"),
      converged: try json.bool("converged"), selection: selection, estimates: estimates,
      classCounts: try json.array("classCounts").compactMap(\.intValue),
      dataHash: try json.string("dataHash"),
      projection: try json["pca"].map { json throws(JSONError) in
        try ProjectionSummary(json: json, whitens: whitens)
      })
    if let nested = json["nested"] { self.nested = try NestedEstimate(json: nested, hasC: hasC) }
  }
}

extension SelectionRecord {
  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "rule": .string(rule.rawValue), "criterion": .string(criterion.rawValue),
      "tried": .array(tried.map(JSONValue.number)),
    ]
    switch method {
    case .crossValidation(let folds, let repeats):
      fields["method"] = .string("cross-validation")
      fields["folds"] = .integer(folds)
      fields["repeats"] = .integer(repeats)
    case .validation(let fraction):
      fields["method"] = .string("validation")
      fields["fraction"] = fraction.map(JSONValue.number) ?? .null
    case .unjudged: fields["method"] = .string("none")
    case .other(let words): fields["method"] = .string(words)
    }
    return .object(fields)
  }

  /// A rule, a criterion or a method that this program does not know is kept as the file's words. No computation
  /// depends on these words.
  init(json: JSONValue) throws(JSONError) {
    let method: Method
    switch try json.string("method") {
    case "cross-validation":
      method = .crossValidation(folds: try json.int("folds"), repeats: try json.int("repeats"))
    case "validation":
      method = .validation(fraction: json["fraction"] == .null ? nil : try json.double("fraction"))
    case "none": method = .unjudged
    case let words: method = .other(words)
    }
    let tried = try json.array("tried")
    self.init(
      method, rule: SelectionRule(rawValue: try json.string("rule")) ?? .best,
      criterion: SelectionCriterion(rawValue: try json.string("criterion")) ?? .accuracy,
      tried: tried.compactMap(\.doubleValue))
  }
}

extension ProjectionSummary {
  fileprivate var json: JSONValue {
    .object([
      "components": .integer(count),
      "explainedVariance": .array(explainedVarianceRatios.map(JSONValue.number)),
    ])
  }

  init(json: JSONValue, whitens: Bool) throws(JSONError) {
    let count = try json.int("components")
    let ratios = try json.array("explainedVariance").compactMap(\.doubleValue)
    guard count >= 1, ratios.count == count, ratios.allSatisfy({ (0...1).contains($0) }) else {
      throw .wrongType(
        field: "explainedVariance", expected: "\(count) shares from 0 to 1", found: "\(ratios.count)")
    }
    self.init(explainedVarianceRatios: ratios, whitens: whitens)
  }
}

extension TrainingSummary.Estimate {
  fileprivate var json: JSONValue {
    var fields = accuracy.fields
    if let c { fields["c"] = .number(c) }
    return .object(fields)
  }

  fileprivate init(json: JSONValue, hasC: Bool) throws(JSONError) {
    self.init(c: hasC ? try json.double("c") : nil, accuracy: try Proportion(json: json))
  }
}

extension NestedEstimate {
  fileprivate var json: JSONValue {
    let folds = zip(self.folds, chosen).map { fold, choice in
      var fields: [String: JSONValue] = [
        "correct": .integer(fold.successes), "of": .integer(fold.count),
        "column": .string(choice.column),
      ]
      if let c = choice.c { fields["c"] = .number(c) }
      if !choice.converged { fields["converged"] = .bool(false) }
      return JSONValue.object(fields)
    }
    return .object(accuracy.fields.merging(["folds": .array(folds)]) { $1 })
  }

  fileprivate init(json: JSONValue, hasC: Bool) throws(JSONError) {
    var folds: [Proportion] = []
    var chosen: [Choice] = []
    for fold in try json.array("folds") {
      folds.append(try Proportion(json: fold))
      chosen.append(
        Choice(
          column: try fold.string("column"), c: hasC ? try fold.double("c") : nil,
          converged: fold["converged"] == nil ? true : try fold.bool("converged")))
    }
    let accuracy = try Proportion(json: json)
    guard !folds.isEmpty, folds.reduce(0, { $0 + $1.successes }) == accuracy.successes,
      folds.reduce(0, { $0 + $1.count }) == accuracy.count
    else {
      throw .wrongType(
        field: "folds", expected: "folds that add up to \(accuracy.count)", found: "others")
    }
    self.init(folds: folds, chosen: chosen)
  }
}

extension Proportion {
  /// The counts and the accuracy with its 95 % Wilson interval, for people who read the file. The interval is rounded
  /// to six decimals, because its last bits depend on the C library.
  fileprivate var fields: [String: JSONValue] {
    // An interval of groups is not written, because it cannot be read back from the file.
    let interval = Proportion(successes: successes, count: count).interval()
    return [
      "correct": .integer(successes), "of": .integer(count),
      "interval": .array(
        [interval.lower, interval.upper].map { .number(($0 * 1e6).rounded() / 1e6) }),
    ]
  }

  fileprivate init(json: JSONValue) throws(JSONError) {
    let correct = try json.int("correct")
    let count = try json.int("of")
    guard count >= 1, count < 1 << 40, (0...count).contains(correct) else {
      throw .wrongType(field: "correct", expected: "0 to \(count)", found: "\(correct)")
    }
    self.init(successes: correct, count: count)
  }
}
