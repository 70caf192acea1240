// Accuracy against the number of training rows of each class: the value of more data, and the number of rows that
// suffices.

import Synchronization
import TapKernels
import TapLinear
import TapMetrics
import TapTensors

/// A learning curve: fits to random parts of the training rows, all evaluated on the same held-out rows.
public struct LearningCurve: Hashable, Sendable {
  /// One size of the training part.
  public struct Point: Hashable, Sendable {
    /// The number of rows of each class; a class with fewer gives all it has.
    public let rowsPerClass: Int
    /// The number of rows in the fit.
    public let rows: Int
    /// The correct predictions of the held-out rows, one entry for each draw.
    public let draws: [Proportion]

    /// The mean accuracy of the draws.
    public var mean: Double { draws.reduce(0) { $0 + $1.value } / Double(draws.count) }

    /// The standard deviation between draws; 0 for a single one.
    public var deviation: Double {
      guard draws.count > 1 else { return 0 }
      let squares = draws.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
      return (squares / Double(draws.count - 1)).squareRoot()
    }

    /// The 95 % interval of the mean over all draws and all images like these: the mean ± 1.96 standard errors, from
    /// the spread between draws and from the number of held-out rows, within 0...1.
    public var interval: ConfidenceInterval {
      let held = Double(draws[0].count)
      let variance = deviation * deviation / Double(draws.count) + mean * (1 - mean) / held
      let spread = 1.959963984540054 * variance.squareRoot()
      return ConfidenceInterval(lower: max(0, mean - spread), upper: min(1, mean + spread))
    }
  }

  /// The model that was fitted, with its C.
  package let model: LinearModel
  /// In increasing order of size.
  public let points: [Point]

  /// The sizes 1, 2, 4, 8, …, and the size of the largest class at the end.
  public static func sizes(upTo largest: Int) -> [Int] {
    var sizes: [Int] = []
    var size = 1
    while size < largest {
      sizes.append(size)
      size *= 2
    }
    return sizes + [largest]
  }

  /// Fits `draws` times for each size but the largest, which takes every row and so has one draw.
  ///
  /// The rows of a draw are nested: those of a smaller size are among those of the next.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`.
  ///   - labels: one for each row of `features`, in `0..<classCount`.
  ///   - training: rows to draw from; every class among them.
  ///   - heldOut: rows to evaluate on, none of them in `training`.
  ///   - sampleWeights: the weight of each row of `features` in the fits; rows of weight 0 are ignored; nil for 1 each.
  ///   - sizes: rows of each class, each at least 1; nil for ``sizes(upTo:)``.
  /// - Throws: ``SelectionError``.
  package init(
    _ model: LinearModel, _ features: MatrixView, labels: [Int], classCount: Int, training: [Int],
    heldOut: [Int], sampleWeights: [Double]? = nil, sizes: [Int]? = nil, draws: Int = 10, seed: UInt64 = 0
  ) throws(SelectionError) {
    guard !heldOut.isEmpty else { throw .emptyPart("held-out") }
    guard !training.isEmpty else { throw .emptyPart("training") }
    var classes = [[Int]](repeating: [], count: classCount)
    for row in training where sampleWeights?[row] != 0 {
      guard features.rows > row, labels.indices.contains(row) else {
        throw .model(.rowOutOfRange(row: row, rows: features.rows))
      }
      guard classes.indices.contains(labels[row]) else {
        throw .labelOutOfRange(row: row, label: labels[row], classCount: classCount)
      }
      classes[labels[row]].append(row)
    }
    let largest = classes.map(\.count).max() ?? 0
    let wanted = Set(sizes ?? Self.sizes(upTo: largest)).filter { $0 >= 1 }.map { min($0, largest) }
    let order = Set(wanted).sorted()
    // One shuffle of each class for each draw.
    let shuffled = (0..<max(1, draws)).map { draw in
      var generator = SeededGenerator(seed: seed &+ UInt64(draw) &* 0x9e37_79b9)
      return classes.map { rows in
        var rows = rows
        generator.shuffle(&rows)
        return rows
      }
    }
    let expected = heldOut.map { labels[$0] }
    var single = model
    single.threads = 1
    let settings = single
    var points: [Point] = []
    for size in order {
      let count = size == largest ? 1 : shuffled.count
      let found = Mutex<[Int: Result<Proportion, LinearModelError>]>([:])
      Threads.concurrentForEach(count: count, threads: model.threads) { draw in
        let rows = shuffled[draw].flatMap { $0.prefix(size) }.sorted()
        let result = Result { () throws(LinearModelError) in
          let fitted = try settings.fit(
            features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights)
          return ClassificationMetrics.accuracy(
            labels: expected, predictions: try fitted.predictions(features, rows: heldOut, threads: 1))
        }
        found.withLock { $0[draw] = result }
      }
      var accuracies: [Proportion] = []
      for draw in 0..<count {
        guard let result = found.withLock({ $0[draw] }) else { continue }
        switch result {
        case .success(let accuracy): accuracies.append(accuracy)
        case .failure(let error): throw .model(error)
        }
      }
      points.append(
        Point(
          rowsPerClass: size, rows: classes.reduce(0) { $0 + min(size, $1.count) }, draws: accuracies))
    }
    self.model = model
    self.points = points
  }
}
