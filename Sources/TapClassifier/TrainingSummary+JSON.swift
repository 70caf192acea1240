// The training summary in a classifier's file: one canonical JSON object, every field by name.

import TapFormats
import TapLinear
import TapMetrics

extension TrainingSummary {
  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "classifier": .string(classifier.rawValue), "solver": .string(solver),
      "standardization": .string(standardization), "classWeights": .string(classWeights),
      "objective": .number(objective), "iterations": .integer(iterations),
      "converged": .bool(converged), "selection": .string(selection),
      "estimates": .array(estimates.map(\.json)), "seed": .string(String(seed)),
      "classCounts": .array(classCounts.map(JSONValue.integer)), "dataHash": .string(dataHash),
    ]
    if gap.isFinite { fields["gap"] = .number(gap) }
    if penalty != .l2 { fields["penalty"] = penalty.json }
    if let c { fields["c"] = .number(c) }
    // The others have one loss only; their files do not name it.
    if classifier == .svm { fields["loss"] = .string(loss) }
    // Nor those of a softmax that they are one.
    if classifier == .logistic, multiClass != .multinomial {
      fields["multiClass"] = .string(multiClass.rawValue)
    }
    if let projection { fields["pca"] = projection.json }
    if let nested { fields["nested"] = nested.json }
    return .object(fields)
  }

  init(json: JSONValue) throws(JSONError) {
    var estimates: [Estimate] = []
    let counts = try json.array("classCounts").compactMap(\.intValue)
    guard let seed = UInt64(try json.string("seed")) else {
      throw .wrongType(field: "seed", expected: "an integer of 64 bits", found: "another text")
    }
    let kind = try json.string("classifier")
    guard let classifier = ClassifierKind(rawValue: kind) else {
      throw .wrongType(
        field: "classifier",
        expected: ClassifierKind.allCases.map(\.rawValue).joined(separator: " or "),
        found: kind)
    }
    for entry in try json.array("estimates") {
      estimates.append(try Estimate(json: entry, hasC: classifier.isRegularized))
    }
    let loss: String
    switch classifier {
    case .logistic: loss = "cross-entropy"
    case .svm: loss = try json.string("loss")
    case .nearestMean: loss = "squared-distance"
    }
    var multiClass = classifier.multiClass
    if classifier == .logistic, json["multiClass"] != nil {
      let text = try json.string("multiClass")
      guard let rule = MultiClass(rawValue: text) else {
        throw .wrongType(
          field: "multiClass",
          expected: MultiClass.allCases.map(\.rawValue).joined(separator: " or "),
          found: text)
      }
      multiClass = rule
    }
    let penalty = try json["penalty"].map(Penalty.init(json:)) ?? .l2
    self.init(
      classifier: classifier, multiClass: multiClass, penalty: penalty, loss: loss,
      solver: try json.string("solver"),
      c: classifier.isRegularized ? try json.double("c") : nil,
      standardization: try json.string("standardization"),
      classWeights: try json.string("classWeights"), objective: try json.double("objective"),
      gap: json["gap"] == nil && penalty == .none ? .infinity : try json.double("gap"),
      iterations: try json.int("iterations"),
      converged: try json.bool("converged"), selection: try json.string("selection"),
      estimates: estimates, seed: seed, classCounts: counts, dataHash: try json.string("dataHash"),
      projection: try json["pca"].map { json throws(JSONError) in try ProjectionSummary(json: json) })
    if let nested = json["nested"] {
      self.nested = try NestedEstimate(json: nested, hasC: classifier.isRegularized)
    }
  }
}

extension ProjectionSummary {
  fileprivate var json: JSONValue {
    .object([
      "components": .integer(count), "whiten": .bool(whitens),
      "explainedVariance": .array(explainedVarianceRatios.map(JSONValue.number)),
    ])
  }

  fileprivate init(json: JSONValue) throws(JSONError) {
    let count = try json.int("components")
    let ratios = try json.array("explainedVariance").compactMap(\.doubleValue)
    guard count >= 1, ratios.count == count, ratios.allSatisfy({ (0...1).contains($0) }) else {
      throw .wrongType(
        field: "explainedVariance", expected: "\(count) shares from 0 to 1", found: "\(ratios.count)")
    }
    self.init(explainedVarianceRatios: ratios, whitens: try json.bool("whiten"))
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
  /// With the 95 % interval (Wilson), for those who read the file; to six decimals, since the last bits are the C library's.
  fileprivate var fields: [String: JSONValue] {
    let interval = interval()
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
