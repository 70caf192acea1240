// A threshold in a model file, as the extension `thresholds`.

import TapFormats
import TapMetrics

extension ProbabilityThreshold {
  static let extensionName = "thresholds"
  /// The revision of the extension that this program reads and writes.
  static let revision = 1
  /// The first version of the program that reads this revision.
  static let since = "0.3.0"

  /// The metadata of the extension, which has no tensors.
  var json: JSONValue {
    let (name, wanted): (String, Double) =
      switch goal {
      case .precision(let share): ("precision", share)
      case .coverage(let share): ("coverage", share)
      case .errorCost(let cost): ("error-cost", cost)
      }
    return .object([
      "goal": .string(name), "wanted": .number(wanted), "chosen": chosen.json,
      "tenths": .array(tenths.map(\.json)),
    ])
  }

  init(json: JSONValue) throws(JSONError) {
    let wanted = try json.double("wanted")
    let goal: ThresholdGoal
    var range = 0.0...1
    switch try json.string("goal") {
    case "precision": goal = .precision(wanted)
    case "coverage": goal = .coverage(wanted)
    case "error-cost":
      goal = .errorCost(wanted)
      range = 1...Double.greatestFiniteMagnitude
    case let other:
      throw .wrongType(field: "goal", expected: "precision, coverage or error-cost", found: other)
    }
    guard range.contains(wanted) else {
      throw .wrongType(
        field: "wanted", expected: range.upperBound > 1 ? "a number of at least 1" : "a number from 0 to 1",
        found: "\(wanted)")
    }
    var tenths: [Part] = []
    for part in try json.array("tenths") { tenths.append(try Part(json: part)) }
    guard tenths.count == Self.partCount else {
      throw .wrongType(field: "tenths", expected: "\(Self.partCount) parts", found: "\(tenths.count)")
    }
    let chosen = try Part(json: .object(json.object("chosen")))
    guard chosen.count <= tenths[0].count else {
      throw .wrongType(field: "chosen", expected: "at most \(tenths[0].count) images", found: "\(chosen.count)")
    }
    self.init(goal, chosen: chosen, tenths: tenths)
  }
}

extension ProbabilityThreshold.Part {
  fileprivate var json: JSONValue {
    .object([
      "leastProbability": .number(leastProbability), "correct": .integer(correct), "of": .integer(count),
    ])
  }

  fileprivate init(json: JSONValue) throws(JSONError) {
    let least = try json.double("leastProbability")
    guard (0...1).contains(least) else {
      throw .wrongType(field: "leastProbability", expected: "a number from 0 to 1", found: "\(least)")
    }
    let (correct, count) = (try json.int("correct"), try json.int("of"))
    guard count >= 1, (0...count).contains(correct) else {
      throw .wrongType(field: "correct", expected: "at most 'of', which is at least 1", found: "\(correct) of \(count)")
    }
    self.init(leastProbability: least, correct: correct, count: count)
  }
}
