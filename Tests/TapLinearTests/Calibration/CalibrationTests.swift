// Compares sigmoids and temperatures with SciPy and scikit-learn: see Tests/Reference/calibration/generate.py.

import FoundationEssentials
import Glibc
import TapLinear
import TestSupport
import Testing

struct CalibrationTests {
  struct Platt: Decodable {
    let classCount: Int
    let labels: [Int]
    let margins: [Double]
    let slopes: [Double]
    let offsets: [Double]
    let probabilities: [Double]
  }

  struct Temperature: Decodable {
    let classCount: Int
    let labels: [Int]
    let scores: [Double]
    let temperature: Double
    let probabilities: [Double]?
  }

  struct Reference: Decodable {
    let platt: [Platt]
    let temperature: [Temperature]
  }

  let reference: Reference

  init() throws {
    let path = Repository.path("Tests/Reference/calibration/calibration.json")
    reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(filePath: path)))
  }

  func probabilities(_ calibration: Calibration, _ scores: [Double], _ classCount: Int) -> [Double] {
    stride(from: 0, to: scores.count, by: classCount).flatMap {
      calibration.probabilities(scores: Array(scores[$0..<$0 + classCount]))
    }
  }

  /// The reference has two classes and five classes, margins that separate them, margins around a thousand, and margins
  /// around a thousandth.
  @Test func sigmoidsAreTheOptimum() throws {
    for item in reference.platt {
      let k = item.classCount
      let found = Calibration.fittedPlatt(margins: item.margins, labels: item.labels, classCount: k)
      guard case .platt(let sigmoids) = found else {
        Issue.record("\(found)")
        continue
      }
      #expect(sigmoids.count == k)
      let fitted = k == 2 ? [sigmoids[1]] : sigmoids
      for (sigmoid, (slope, offset)) in zip(fitted, zip(item.slopes, item.offsets)) {
        #expect(abs(sigmoid.slope - slope) <= 1e-9 * abs(slope))
        #expect(abs(sigmoid.offset - offset) <= 1e-9 * max(1, abs(offset)))
      }
      for (ours, theirs) in zip(probabilities(found, item.margins, k), item.probabilities) {
        #expect(abs(ours - theirs) <= 1e-5)
      }
    }
  }

  @Test func temperaturesAreTheOptimum() {
    for item in reference.temperature {
      let found = Calibration.fittedTemperature(
        scores: item.scores, labels: item.labels, classCount: item.classCount)
      guard case .temperature(let temperature) = found else {
        Issue.record("\(found)")
        continue
      }
      #expect(abs(temperature - item.temperature) <= 1e-9 * item.temperature)
      if let theirs = item.probabilities {
        for (ours, theirs) in zip(probabilities(found, item.scores, item.classCount), theirs) {
          #expect(abs(ours - theirs) <= 1e-5)
        }
      }
    }
  }

  /// The unit of the scores does not matter. If all rows are right, the probabilities are still not certain.
  @Test func temperaturesHaveNoBounds() throws {
    func temperature(_ scores: [Double], _ labels: [Int], _ classCount: Int) -> Double {
      guard
        case .temperature(let found) = Calibration.fittedTemperature(
          scores: scores, labels: labels, classCount: classCount)
      else { return .nan }
      return found
    }
    let item = try #require(reference.temperature.first { $0.classCount == 10 })
    let usual = temperature(item.scores, item.labels, 10)
    for unit in [1e-6, 1e-3, 1e3, 1e9] {
      let found = temperature(item.scores.map { $0 * unit }, item.labels, 10)
      #expect(abs(found / unit - usual) <= 1e-9 * usual, "\(unit)")
    }
    // With two rows that are both right, the odds are 3 to 1.
    let sure = temperature([8, 0, 0, 8], [0, 1], 2)
    #expect(abs(exp(8 / sure) - 3) <= 1e-9)
    // The scores are worse than chance, so the probabilities become nearly equal.
    let wrong = temperature([8, 0, 0, 8], [1, 0], 2)
    #expect(wrong == 8000)
    #expect(temperature([1, 1, 1, 1], [0, 1], 2) == 1)
  }

  @Test func twoClassesMirrorEachOther() {
    let margins = [0.5, -0.2, 1.5, -3, 0.1]
    let both = margins.flatMap { [-$0, $0] }
    let found = Calibration.fittedPlatt(margins: both, labels: [1, 0, 1, 0, 0], classCount: 2)
    guard case .platt(let sigmoids) = found else {
      Issue.record("\(found)")
      return
    }
    for margin in [-40.0, -1, 0, 2, 700] {
      let (first, second) = (sigmoids[0](-margin), sigmoids[1](margin))
      #expect(abs(first + second - 1) <= 1e-15)
    }
    #expect(sigmoids[1](1e308) == 1 && sigmoids[1](-1e308) == 0)
  }

  /// Equal margins carry no information. The probability is then the share of the class, changed by Platt's targets.
  @Test func equalMarginsGiveTheShare() {
    for value in [0.0, 3] {
      let sigmoid = Calibration.Sigmoid(
        margins: [Double](repeating: value, count: 8), isPositive: (0..<8).map { $0 < 6 })
      // Six rows have the target 7/8, and two rows have 1/4.
      let share = (5.25 + 0.5) / 8
      #expect(abs(sigmoid(value) - share) <= 1e-9)
    }
  }
}
