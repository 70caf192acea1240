// The cost of the choice of C, before it begins: an upper limit for fits, a rough time, from sizes alone.

import TapLinear
import TapReports
import TapSelection
import TapSettings

/// The maximum number of fits for the choice of C, and their rough time.
public struct SearchEstimate: Hashable, Sendable {
  /// All columns under one kind of model.
  struct Part: Hashable, Sendable {
    let settings: TrainingSettings
    /// The number of columns to search.
    let columns: Int
    /// The number of further columns whose choice is known.
    let known: Int
    /// The number of further columns that hold the numbers of another one.
    let equal: Int
    /// Folds times repeats; 1 for a validation split.
    let parts: Int
    let isCrossValidated: Bool
    let seconds: Double
    /// The maximum number of fits of nested cross-validation around the search.
    let nestedFits: Int
    let nestedSeconds: Double

    var fits: Int { columns * parts * settings.valuesOfC }
  }

  private(set) var all: [Part] = []

  /// Searches under several kinds of model, one after the other.
  package init(_ estimates: [SearchEstimate]) { all = estimates.flatMap(\.all) }

  /// - Parameters:
  ///   - dimensions: the dimensions of each column to search.
  ///   - known: the number of columns whose choice is known.
  ///   - equal: the number of columns that hold the numbers of others.
  ///   - rows: the number of training items.
  ///   - isCrossValidated: whether folds of these judge, instead of a validation split.
  package init(
    _ settings: TrainingSettings, dimensions: [Int], known: Int = 0, equal: Int = 0, rows: Int,
    classes: Int, isCrossValidated: Bool, threads: Int
  ) {
    func seconds(_ rows: Int) -> Double {
      let folds = SearchCost.folds(settings, rows: rows)
      return dimensions.reduce(0) { total, dimensions in
        let cost = SearchCost(
          rows: isCrossValidated ? rows * (folds - 1) / folds : rows, dimensions: dimensions,
          classes: classes, parts: isCrossValidated ? folds * settings.repeats : 1)
        return total + cost.seconds(settings, threads: threads)
      }
    }
    let folds = SearchCost.folds(settings, rows: rows)
    let parts = isCrossValidated ? folds * settings.repeats : 1
    let isNested = settings.isNested && isCrossValidated
    let columns = dimensions.count + known
    all = [
      Part(
        settings: settings, columns: dimensions.count, known: known, equal: equal, parts: parts,
        isCrossValidated: isCrossValidated, seconds: seconds(rows),
        nestedFits: isNested ? folds * columns * parts * settings.valuesOfC : 0,
        nestedSeconds: isNested ? Double(folds) * seconds(rows * (folds - 1) / folds) : 0)
    ]
  }

  /// The maximum number of fits, without those of nested cross-validation.
  public var fits: Int { all.reduce(0) { $0 + $1.fits } }

  /// The rough time in seconds, without nested cross-validation.
  public var seconds: Double { all.reduce(0) { $0 + $1.seconds } }

  /// The rough time of nested cross-validation in seconds; 0 without one.
  public var nestedSeconds: Double { all.reduce(0) { $0 + $1.nestedSeconds } }
}

// MARK: - Words

extension SearchEstimate {
  /// `20 columns × 19 values of C × 5 folds: at most 1,900 fits, roughly 40 s`.
  package var text: String {
    let sizes = all.map { part -> String in
      let kind = all.count > 1 ? "\(part.settings.model.kind.title) " : ""
      guard part.columns > 0 else { return kind + "nothing, every C was chosen before" }
      var text = kind + "\(NumberText.grouped(part.columns)) column\(part.columns == 1 ? "" : "s")"
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

  /// `5 times the whole: at most 9,500 fits more, roughly 3 min`; nil without nested cross-validation.
  package var nestedText: String? {
    let fits = all.reduce(0) { $0 + $1.nestedFits }
    guard fits > 0 else { return nil }
    return
      "everything anew without each fold: at most \(NumberText.grouped(fits)) fits more, roughly \(NumberText.roughly(seconds: nestedSeconds))"
  }

  /// Searches that take longer than this are announced.
  package static var longSeconds: Double { 600 }

  /// An announcement of a search that takes long: its time, and the settings that would shorten it. Names of settings are in
  /// backquotes. Nil for other searches.
  package var longText: String? {
    let time = seconds + nestedSeconds
    guard time > Self.longSeconds else { return nil }
    let fits = all.reduce(0) { $0 + $1.fits + $1.nestedFits }
    var ways: [String] = []
    func add(_ way: String, _ helps: (Part) -> Bool) { if all.contains(where: helps) { ways.append(way) } }
    add("no `nested`") { $0.nestedFits > 0 }
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
