// The table of a comparison for a terminal: the best entries first, or all entries in the order of the layers.

import TapComparison
import TapText

extension Comparison {
  /// The number of rows that the table shows unless all are wanted.
  package static let shownRows = 10

  /// A row of the table: an entry or a baseline, by its index.
  private enum Row {
    case entry(Int)
    case baseline(Int)
  }

  /// The rows in the order of the layers: each entry, then each baseline.
  private var rows: [Row] { entries.indices.map(Row.entry) + baselines.indices.map(Row.baseline) }

  /// The rows from the best to the worst by the criterion, and in a tie in the order of the layers. If the criterion is
  /// the accuracy, the baselines are among the entries, otherwise behind them.
  private var sortedRows: [Row] {
    func rank(_ row: Row) -> (isLast: Bool, value: Double) {
      switch row {
      case .entry(let index):
        let score = entries[index].selection.chosen.score
        return (false, criterion == .logLoss ? -score : score)
      case .baseline(let index):
        return (criterion != .accuracy, baselines[index].chosen.accuracy.value)
      }
    }
    func isBest(_ row: Row) -> Bool { if case .entry(bestIndex) = row { true } else { false } }
    let ranked = rows.enumerated().map { (place: $0, row: $1, rank: rank($1)) }
    return ranked.sorted { first, second in
      if isBest(first.row) || isBest(second.row) { return isBest(first.row) }
      if first.rank.isLast != second.rank.isLast { return second.rank.isLast }
      if first.rank.value != second.rank.value { return first.rank.value > second.rank.value }
      return first.place < second.place
    }.map(\.row)
  }

  /// The table and, if rows are left out, a line with their number.
  ///
  /// - Parameter isWhole: whether all rows are shown, in the order of the layers.
  func tableText(isWhole: Bool) -> String {
    let sorted = isWhole ? rows : Array(sortedRows.prefix(Self.shownRows))
    var table = TextTable(
      [
        ("", .left), ("layer", .left), ("classifier", .left), ("dimensions", .right), ("C", .right),
        ("ms", .right), ("accuracy", .right), ("95 % interval", .right), ("p", .right),
      ] + (criterion == .accuracy ? [] : [(criterion.title, TextTable.Alignment.right)]))
    for row in sorted {
      switch row {
      case .entry(let index): table.add(cells(ofEntry: index))
      case .baseline(let index): table.add(cells(of: baselines[index]))
      }
    }
    let left = rows.count - sorted.count
    guard left > 0 else { return table.text }
    return table.text
      + "\n\nThe best \(sorted.count) of \(NumberText.grouped(rows.count)); \(NumberText.grouped(left)) "
      + "\(left == 1 ? "is" : "are") left out. --all shows all, in the order of the layers."
  }

  private func cells(ofEntry index: Int) -> [String] {
    let entry = entries[index]
    return [
      mark(index), entry.name, entry.classifier.rawValue, NumberText.grouped(entry.dimensions),
      NumberText.significant(entry.selection.chosen.c),
      entry.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? "-",
      AccuracyText.share(entry.accuracy), AccuracyText.interval(entry.accuracy), pValueText(index),
    ] + (criterion == .accuracy ? [] : [entry.selection.chosen.scoreText])
  }

  private func cells(of baseline: NeighborBaseline) -> [String] {
    [
      isWorse(baseline) ? "" : "~", baseline.name, Self.neighbors, NumberText.grouped(baseline.dimensions),
      "k \(baseline.chosen.k)", baseline.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? "-",
      AccuracyText.share(baseline.chosen.accuracy), AccuracyText.interval(baseline.chosen.accuracy),
      Self.pValueText(baseline.adjustedPValue),
    ] + (criterion == .accuracy ? [] : ["-"])
  }

  /// The combinations in words; nil if there are none:
  /// `a + b: columns side by side, added one at a time to the best column; 33 were tried.`
  var combinationText: String? {
    guard entries.contains(where: \.isCombination) else { return nil }
    let count = tried - entries.count { !$0.isCombination }
    return
      "a + b: columns side by side, added one at a time to the best column of a kind; \(NumberText.grouped(count)) "
      + (count == 1 ? "was tried." : "were tried.")
  }
}
