// The training summary in a classifier's file: one canonical JSON object, every field by name.

import TapFormats
import TapLinear
import TapMetrics

extension TrainingSummary {
  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "classifier": .string(classifier.rawValue), "solver": .string(solver),
      "c": .number(c),
      "standardization": .string(standardization), "classWeights": .string(classWeights),
      "objective": .number(objective), "gap": .number(gap), "iterations": .integer(iterations),
      "converged": .bool(converged), "selection": .string(selection),
      "estimates": .array(estimates.map(\.json)), "seed": .string(String(seed)),
      "classCounts": .array(classCounts.map(JSONValue.integer)), "dataHash": .string(dataHash),
    ]
    // A logistic regression has one loss only; its files do not name it.
    if classifier == .svm { fields["loss"] = .string(loss) }
    return .object(fields)
  }

  init(json: JSONValue) throws(JSONError) {
    var estimates: [Estimate] = []
    for entry in try json.array("estimates") { estimates.append(try Estimate(json: entry)) }
    let counts = try json.array("classCounts").compactMap(\.intValue)
    guard let seed = UInt64(try json.string("seed")) else {
      throw .wrongType(field: "seed", expected: "an integer of 64 bits", found: "another text")
    }
    let kind = try json.string("classifier")
    guard let classifier = ClassifierKind(rawValue: kind) else {
      throw .wrongType(
        field: "classifier", expected: ClassifierKind.allCases.map(\.rawValue).joined(separator: " or "),
        found: kind)
    }
    let loss = classifier == .svm ? try json.string("loss") : "cross-entropy"
    self.init(
      classifier: classifier, loss: loss, solver: try json.string("solver"), c: try json.double("c"),
      standardization: try json.string("standardization"),
      classWeights: try json.string("classWeights"), objective: try json.double("objective"),
      gap: try json.double("gap"), iterations: try json.int("iterations"),
      converged: try json.bool("converged"), selection: try json.string("selection"),
      estimates: estimates, seed: seed, classCounts: counts, dataHash: try json.string("dataHash"))
  }
}

extension TrainingSummary.Estimate {
  /// With the accuracy's 95 % interval (Wilson), for those who read the file; to six decimals, since the
  /// last bits are the C library's.
  fileprivate var json: JSONValue {
    let interval = accuracy.interval()
    return .object([
      "c": .number(c), "correct": .integer(accuracy.successes), "of": .integer(accuracy.count),
      "interval": .array([interval.lower, interval.upper].map { .number(($0 * 1e6).rounded() / 1e6) }),
    ])
  }

  fileprivate init(json: JSONValue) throws(JSONError) {
    let correct = try json.int("correct")
    let count = try json.int("of")
    guard count >= 1, (0...count).contains(correct) else {
      throw .wrongType(field: "correct", expected: "0 to \(count)", found: "\(correct)")
    }
    self.init(c: try json.double("c"), accuracy: Proportion(successes: correct, count: count))
  }
}
