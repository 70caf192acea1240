// The advice of a comparison: the best entry, and a cheaper one that is about as good.

import TapComparison
import TapFormats
import TapSelection
import TapText

extension Comparison {
  /// The advice as sentences; nil if there is one entry, or if the order of the layers is unknown: `The best is
  /// blocks.10-avg with logistic regression.` `The shallowest layer within one standard error (0.8 points) is
  /// blocks.8-avg with logistic regression: it saves 31 % of the multiply-adds, 1.63 of 5.07 ms and 128 bytes a row.`
  package var advice: [String]? {
    guard entries.count > 1, let hasShallowerLayers else { return nil }
    let best = "The best is \(title(bestIndex))"
    let (least, less) =
      entries.contains { $0.backbone != nil } ? ("cheapest", "cheaper") : ("shallowest", "shallower")
    guard hasShallowerLayers else { return [best + ", which is of the \(least) layer compared."] }
    guard let shallower else {
      return [best + ".", "No \(less) layer is within one standard error (\(standardError)) of it."]
    }
    return [
      best + ".",
      "The \(least) layer within one standard error (\(standardError)) is \(title(shallower.index)): "
        + "\(savings(shallower)).",
    ]
  }

  func title(_ index: Int) -> String {
    "\(entries[index].name) with \(entries[index].classifier.title)"
  }

  /// The standard error of the best entry: `0.8 points`, or a number for the log loss.
  private var standardError: String {
    let error = bestEntry.selection.chosen.standardError
    return criterion == .logLoss
      ? NumberText.significant(error) : "\(NumberText.fixed(100 * error, digits: 1)) points"
  }

  private func savings(_ shallower: Shallower) -> String {
    var saved: [String] = []
    if let fewer = shallower.savedMultiplyAdds, fewer > 0, let all = bestEntry.multiplyAdds {
      saved.append("\(NumberText.fixed(100 * Double(fewer) / Double(all), digits: 0)) % of the multiply-adds")
    }
    if let less = shallower.savedMilliseconds, less > 0, let all = bestEntry.milliseconds {
      saved.append("\(NumberText.fixed(less, digits: 2)) of \(NumberText.fixed(all, digits: 2)) ms")
    }
    if shallower.savedBytes > 0 {
      saved.append("\(NumberText.grouped(shallower.savedBytes)) bytes a row")
    }
    let list =
      saved.count > 1 ? saved.dropLast().joined(separator: ", ") + " and " + saved[saved.count - 1] : saved.first
    let longer =
      shallower.savedBytes < 0 ? "its rows are \(NumberText.grouped(-shallower.savedBytes)) bytes longer" : nil
    let parts = [list.map { "it saves " + $0 }, longer].compactMap(\.self)
    return parts.isEmpty ? "it costs the same" : parts.joined(separator: ", and ")
  }

  /// The advice as a field of JSON: the text, and the index and the savings of the shallower entry.
  var adviceJSON: JSONValue? {
    guard let advice else { return nil }
    var fields: [String: JSONValue] = ["text": .string(advice.joined(separator: " "))]
    if let shallower {
      var saved: [String: JSONValue] = [
        "index": .integer(shallower.index), "savedBytes": .integer(shallower.savedBytes),
      ]
      if let count = shallower.savedMultiplyAdds { saved["savedMultiplyAdds"] = .integer(count) }
      if let time = shallower.savedMilliseconds { saved["savedMilliseconds"] = .number(time) }
      fields["shallower"] = .object(saved)
    }
    return .object(fields)
  }
}
