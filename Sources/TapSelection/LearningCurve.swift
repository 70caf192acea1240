// Accuracy as a function of the number of training rows of each class. The curve shows the value of more data, and the
// number of rows that is enough.

import Synchronization
import TapKernels
import TapLinear
import TapMetrics
import TapTensors

/// A learning curve: models are fitted to random parts of the training rows, and evaluated on the same held-out rows.
public struct LearningCurve: Hashable, Sendable {
  /// One size of the training part.
  public struct Point: Hashable, Sendable {
    /// The number of training rows of each class. A class with fewer rows gives all its rows.
    public let rowsPerClass: Int
    /// The number of rows that the models are fitted to.
    public let rows: Int
    /// The number of correct predictions on the held-out rows, one entry for each draw.
    public let draws: [Proportion]

    /// The mean accuracy of the draws.
    public var mean: Double { draws.reduce(0) { $0 + $1.value } / Double(draws.count) }

    /// The standard deviation of the accuracy between draws; 0 if there is one draw.
    public var deviation: Double {
      guard draws.count > 1 else { return 0 }
      let squares = draws.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
      return (squares / Double(draws.count - 1)).squareRoot()
    }

    /// The 95 % interval of the mean accuracy over all possible draws and all images of the same kind: the mean ± 1.96
    /// standard errors, limited to 0...1. The standard error combines the spread between draws and the number of
    /// held-out rows.
    public var interval: ConfidenceInterval {
      let held = Double(draws[0].count)
      let variance = deviation * deviation / Double(draws.count) + mean * (1 - mean) / held
      let spread = 1.959963984540054 * variance.squareRoot()
      return ConfidenceInterval(lower: max(0, mean - spread), upper: min(1, mean + spread))
    }
  }

  /// The settings of the fitted models, with their C.
  package let model: LinearModel
  /// The points, in increasing order of size.
  public let points: [Point]

  /// The sizes 1, 2, 4, 8, … below `largest`, then `largest`, the size of the largest class.
  public static func sizes(upTo largest: Int) -> [Int] {
    var sizes: [Int] = []
    var size = 1
    while size < largest {
      sizes.append(size)
      size *= 2
    }
    return sizes + [largest]
  }

  /// Fits `draws` models for each size. The largest size takes every row, so it has one draw.
  ///
  /// Within a draw, the rows of a smaller size are among the rows of every larger size.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`.
  ///   - labels: the class of each row of `features`, in `0..<classCount`.
  ///   - training: the rows to draw from, at least one of each class.
  ///   - heldOut: the rows to evaluate on. `training` must hold none of these rows.
  ///   - sampleWeights: the weight of each row of `features` in the fits; rows of weight 0 are ignored. Nil gives every
  ///     row the weight 1.
  ///   - sizes: the numbers of rows of each class, each at least 1; nil stands for ``sizes(upTo:)``.
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
    // Each draw shuffles the rows of each class once.
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
