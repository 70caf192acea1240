// The cost of the search for C, in words.

import TapLinear
import TapText
import TapTraining

extension SearchEstimate {
  /// The cost: `20 columns × 19 values of C × 5 folds: at most 1,900 fits, roughly 40 s`.
  package var text: String {
    let kinds = Set(all.map(\.settings.model.kind))
    let sizes = all.map { part -> String in
      let kind = kinds.count > 1 ? "\(part.settings.model.kind.title) " : ""
      let counted = part.isOfCombinations ? "combination" : "column"
      guard part.columns > 0 else { return kind + "nothing, every C was chosen before" }
      var text = kind + "\(NumberText.grouped(part.columns)) \(counted)\(part.columns == 1 ? "" : "s")"
      let others = [
        part.known > 0 ? "of \(NumberText.grouped(part.known)) more C was chosen before" : nil,
        part.equal > 0
          ? "\(NumberText.grouped(part.equal)) more hold\(part.equal == 1 ? "s" : "") the numbers of another"
          : nil,
      ].compactMap(\.self)
      if !others.isEmpty { text += " (\(others.joined(separator: ", ")))" }
      if part.settings.valuesOfC > 1 { text += " × \(part.settings.valuesOfC) values of C" }
      if part.isCrossValidated {
        text += " × \(part.parts / part.settings.repeats) folds"
        if part.settings.repeats > 1 { text += " × \(part.settings.repeats) repeats" }
      }
      return text
    }
    let total = sizes.joined(separator: "; ")
    guard fits > 0 else { return total }
    let limit = all.contains { $0.settings.valuesOfC > 1 } ? "at most " : ""
    return total
      + ": \(limit)\(NumberText.grouped(fits)) fit\(fits == 1 ? "" : "s"), roughly \(NumberText.roughly(seconds: seconds))"
  }

  /// The cost of nested cross-validation: `5 times the whole: at most 9,500 fits more, roughly 3 min`; nil without
  /// nested cross-validation.
  package var nestedText: String? {
    let fits = all.reduce(0) { $0 + $1.nestedFits }
    guard fits > 0 else { return nil }
    return
      "everything anew without each fold: at most \(NumberText.grouped(fits)) fits more, roughly \(NumberText.roughly(seconds: nestedSeconds))"
  }

  /// The time from which a search is announced as long.
  package static var longSeconds: Double { 600 }

  /// The announcement of a search that takes long: its time, and the settings that would shorten the search. Names of
  /// settings are in backquotes. The value is nil for a shorter search.
  package var longText: String? {
    let time = seconds + nestedSeconds
    guard time > Self.longSeconds else { return nil }
    let fits = all.reduce(0) { $0 + $1.fits + $1.nestedFits }
    var ways: [String] = []
    func add(_ way: String, _ helps: (Part) -> Bool) { if all.contains(where: helps) { ways.append(way) } }
    add("no `nested`") { $0.nestedFits > 0 }
    add("no `combine`") { $0.isOfCombinations }
    add("no `exhaustive`") { $0.settings.isExhaustive && $0.settings.valuesOfC > 1 }
    add("fewer values of C (`c`)") { $0.settings.valuesOfC > 1 }
    add("fewer `folds`") { $0.isCrossValidated && $0.parts > 2 * $0.settings.repeats }
    add("fewer `repeats`") { $0.isCrossValidated && $0.settings.repeats > 1 }
    add("fewer `layers`") { $0.columns > 1 }
    add("principal components (`pca`)") { $0.settings.transform.components == nil }
    add("a looser `tolerance`") { $0.settings.model.kind.isRegularized && $0.settings.tolerance < 1e-4 }
    let most =
      "Choosing C takes roughly \(NumberText.roughly(seconds: time)): at most \(NumberText.grouped(fits)) fit\(fits == 1 ? "" : "s")."
    guard let last = ways.popLast() else { return most }
    return most + " Shorter with \(ways.isEmpty ? last : ways.joined(separator: ", ") + ", or " + last)."
  }
}
