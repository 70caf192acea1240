// The smallest probability with which an image gets a class, chosen by the predictions of images that were held out.

/// The purpose for which a ``ProbabilityThreshold`` is chosen.
public enum ThresholdGoal: Hashable, Sendable {
  /// The wanted share of right classes among the images that get a class, from 0 to 1.
  case precision(Double)
  /// The wanted share of images that get a class, from 0 to 1.
  case coverage(Double)
  /// The cost of a wrong class, if an image without a class costs 1; at least 1.
  case errorCost(Double)
}

/// A probability below which an image gets no class, and the results of held-out images with this probability.
///
/// A part is the images whose most likely class has at least some probability p. Images of equal probability are in
/// the same parts. The threshold is
/// ```
/// precision q:   the smallest p of a part of which at least the share q is right
/// coverage q:    the largest p of a part that has at least the share q of the images
/// cost w:        the p of the part with the smallest  w · (wrong images of the part) + (images outside the part)
/// ```
/// If parts have the same cost, the largest of them is chosen. The precision of held-out images with a threshold that
/// was chosen by the same images is a little too good.
///
/// Source of the costs: Chow, "On optimum recognition error and reject tradeoff" (1970), with the counts of held-out
/// images in place of probabilities.
public struct ProbabilityThreshold: Hashable, Sendable {
  /// The images whose most likely class has at least some probability.
  public struct Part: Hashable, Sendable {
    /// The smallest probability of the part, from 0 to 1.
    public let leastProbability: Double
    /// The number of images whose most likely class is right.
    public let correct: Int
    /// The number of images, at least 1.
    public let count: Int

    /// - Precondition: `0 <= correct <= count`.
    package init(leastProbability: Double, correct: Int, count: Int) {
      precondition(0 <= correct && correct <= count, "\(correct) of \(count)")
      self.leastProbability = leastProbability
      self.correct = correct
      self.count = count
    }

    /// The share of right images.
    public var accuracy: Proportion { Proportion(successes: correct, count: count) }
  }

  /// The number of parts in ``tenths``.
  package static let partCount = 10

  /// The purpose.
  public let goal: ThresholdGoal
  /// The part that gets a class.
  public let chosen: Part
  /// The surest ten tenths, nine tenths and so on to one tenth of the images: see ``Coverage``.
  public let tenths: [Part]

  /// The threshold.
  public var leastProbability: Double { chosen.leastProbability }
  /// The number of images by which the threshold was chosen.
  public var images: Int { tenths[0].count }
  /// The share of these images that get a class.
  public var coverage: Double { Double(chosen.count) / Double(images) }

  /// A threshold that was chosen earlier.
  ///
  /// - Precondition: there are ten tenths, and the chosen part is not larger than the first of them.
  package init(_ goal: ThresholdGoal, chosen: Part, tenths: [Part]) {
    precondition(tenths.count == Self.partCount && chosen.count <= tenths[0].count, "\(tenths.count) parts")
    self.goal = goal
    self.chosen = chosen
    self.tenths = tenths
  }

  /// Chooses the threshold. The value is nil if no part reaches the wanted precision.
  ///
  /// - Parameters:
  ///   - confidences: the probability of each image's most likely class, from 0 to 1; at least one.
  ///   - isRight: whether the most likely class of each image is right.
  /// - Precondition: the counts are equal.
  package init?(_ goal: ThresholdGoal, confidences: [Double], isRight: [Bool]) {
    let parts = Self.parts(confidences, isRight)
    let all = Double(confidences.count)
    let found: Part?
    switch goal {
    case .precision(let share): found = parts.last { $0.accuracy.value >= share }
    case .coverage(let share): found = parts.first { Double($0.count) / all >= share }
    case .errorCost(let cost):
      found =
        parts.reversed().map { part in
          (part: part, cost: cost * Double(part.count - part.correct) + all - Double(part.count))
        }.min { $0.cost < $1.cost }?.part
    }
    guard let found else { return nil }
    self.init(
      goal, chosen: found,
      tenths: Coverage.tenths(confidences: confidences, isRight: isRight, groups: nil).map {
        Part(leastProbability: $0.leastProbability, correct: $0.accuracy.successes, count: $0.accuracy.count)
      })
  }

  /// The parts of all probabilities that occur, the largest probability first.
  private static func parts(_ confidences: [Double], _ isRight: [Bool]) -> [Part] {
    precondition(confidences.count == isRight.count, "\(confidences.count) and \(isRight.count) predictions")
    let order = confidences.indices.sorted { confidences[$0] > confidences[$1] }
    var parts: [Part] = []
    var correct = 0
    for (place, index) in order.enumerated() {
      if isRight[index] { correct += 1 }
      let next = place + 1 < order.count ? confidences[order[place + 1]] : -1
      if next < confidences[index] {
        parts.append(Part(leastProbability: confidences[index], correct: correct, count: place + 1))
      }
    }
    return parts
  }
}
