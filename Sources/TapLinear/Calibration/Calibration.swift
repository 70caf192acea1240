// From scores to probabilities that can be believed. Scores are row-major `[rows, classes]`.

import Glibc

/// How scores become probabilities.
public enum Calibration: Hashable, Sendable {
  /// A sigmoid of each class's margin, then divided by their sum: for SVMs.
  case platt([Sigmoid])
  /// The softmax of scores divided by a temperature above 0: for logistic regressions and nearest means. Above 1 makes
  /// them less sure.
  case temperature(Double)

  /// p = 1 / (1 + exp(slope · margin + offset)); the slope is below 0 where large margins are good.
  public struct Sigmoid: Hashable, Sendable {
    /// Multiplies the margin: A in Platt's paper.
    public let slope: Double
    /// Added to it: B in Platt's paper.
    public let offset: Double

    /// A sigmoid with these parameters.
    public init(slope: Double, offset: Double) {
      self.slope = slope
      self.offset = offset
    }

    /// In 0...1, without overflow.
    public func callAsFunction(_ margin: Double) -> Double {
      let exponent = slope * margin + offset
      return exponent >= 0 ? exp(-exponent) / (1 + exp(-exponent)) : 1 / (1 + exp(exponent))
    }
  }

  /// The probabilities of one row's classes, summing to 1. Where every sigmoid is 0 all classes are equally likely, as
  /// scikit-learn has it.
  ///
  /// - Precondition: as many scores as sigmoids.
  public func probabilities(scores: [Double]) -> [Double] {
    switch self {
    case .platt(let sigmoids):
      precondition(scores.count == sigmoids.count, "\(scores.count) scores, \(sigmoids.count) sigmoids")
      let values = zip(sigmoids, scores).map { $0($1) }
      let sum = values.reduce(0, +)
      return values.map { sum > 0 ? $0 / sum : 1 / Double(values.count) }
    case .temperature(let temperature):
      let largest = scores.max() ?? 0
      let powers = scores.map { exp(($0 - largest) / temperature) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }
}

/// How a calibration is found.
public enum CalibrationMethod: String, Hashable, Sendable, CaseIterable {
  case none, platt, temperature
  /// Platt's for an SVM, the temperature for the others.
  case automatic = "auto"

  /// What this means for a kind of model; nil for none.
  ///
  /// - Precondition: Platt's is for an SVM, the temperature for the others.
  public func calibration(of kind: ClassifierKind, scores: [Double], labels: [Int], classCount: Int)
    -> Calibration?
  {
    switch (self, kind) {
    case (.none, _): nil
    case (.platt, .svm), (.automatic, .svm):
      .fittedPlatt(margins: scores, labels: labels, classCount: classCount)
    case (.temperature, .logistic), (.automatic, .logistic), (.temperature, .nearestMean),
      (.automatic, .nearestMean):
      .fittedTemperature(scores: scores, labels: labels, classCount: classCount)
    default: preconditionFailure("\(self) is not for \(kind)")
    }
  }

  /// Whether it is for models of this kind.
  public func fits(_ kind: ClassifierKind) -> Bool {
    switch self {
    case .none, .automatic: true
    case .platt: kind == .svm
    case .temperature: kind != .svm
    }
  }
}
