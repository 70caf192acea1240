// Compares every loss and penalty, on several data sets, values of C and sample weights, with optima that public tools
// found: see Tests/Reference/linear/generate_grid.py.

import FoundationEssentials
import TapFeatures
import TapLinear
import TapTensors
import TapTraining
import TestSupport
import Testing

@Suite struct ReferenceGridTests {
  struct Fit: Decodable, CustomStringConvertible {
    let loss: String
    let penalty: String
    let l1Ratio: Double
    let c: Double
    let weighted: Bool
    let objective: Double
    let gap: Double
    let solver: String
    let norm: Double
    let projections: [Double]

    var description: String { "\(loss), \(penalty), C \(c)\(weighted ? ", weighted" : ""), by \(solver)" }
    var isStrictlyConvex: Bool { penalty == "l2" || penalty == "elastic-net" }
  }

  struct DataSet: Decodable {
    let name: String
    let rows: Int
    let featuresSHA256: String?
    let fits: [Fit]
  }

  struct Grid: Decodable {
    let sets: [DataSet]
  }

  static let names = ["iris", "iris_pair", "wine", "breast_cancer", "digits", "clothing", "caltech"]
  let grid: Grid

  init() throws {
    let path = Repository.path("Tests/Reference/linear/grid.json")
    grid = try JSONDecoder().decode(Grid.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// The settings of one optimum.
  struct Problem: Hashable {
    var loss: String
    var penalty: String
    var weighted: Bool
    var c: Double
  }

  /// All settings that some tool certifies in reasonable time: see generate_grid.py for the reasons.
  static func problems(_ name: String) -> Set<Problem> {
    var problems = Set<Problem>()
    func add(_ losses: [String], _ penalties: [String], _ values: [Double] = [1e-4, 1e-2, 1, 100]) {
      for (loss, penalty) in losses.flatMap({ loss in penalties.map { (loss, $0) } }) {
        for c in values {
          for weighted in [false, true] {
            problems.insert(Problem(loss: loss, penalty: penalty, weighted: weighted, c: c))
          }
        }
      }
    }
    add(["multinomial", "one-vs-rest", "squared-hinge", "hinge"], ["l2"])
    let logistic = ["multinomial", "one-vs-rest"]
    switch name {
    case "iris", "wine", "breast_cancer":
      add(["crammer-singer"], ["l2"])
      add(logistic, ["l1", "elastic-net"])
    case "iris_pair":
      add(["crammer-singer"], ["l2"])
      add(logistic, ["l1", "elastic-net"])
      // This is the only data set that has a minimum without a penalty.
      add(["multinomial"], ["none"], [1])
    case "digits":
      add(["crammer-singer"], ["l2"])
      add(["one-vs-rest"], ["l1", "elastic-net"])
      add(["multinomial"], ["elastic-net"])
      add(["multinomial"], ["l1"], [1e-4, 1e-2, 1])
    case "caltech":
      add(logistic, ["l1", "elastic-net"], [1e-4, 1e-2, 1])
    default:
      break
    }
    return problems
  }

  @Test func isWhole() {
    #expect(grid.sets.map(\.name) == Self.names)
    for data in grid.sets {
      let found = data.fits.map {
        Problem(loss: $0.loss, penalty: $0.penalty, weighted: $0.weighted, c: $0.c)
      }
      let expected = Self.problems(data.name)
      #expect(Set(found) == expected && found.count == expected.count, "\(data.name)")
    }
    #expect(Self.names.map { Self.problems($0).count } == [72, 74, 72, 72, 70, 32, 56])
  }

  @Test(arguments: names.prefix(5)) func reachesTheOptima(name: String) throws {
    try expectOptima(name)
  }

  @Test(.needs(.lite0, PhotographFeatures.need), arguments: names.suffix(2))
  func reachesThemOnPhotographs(name: String) throws {
    try expectOptima(name)
  }

  /// The kernels in C give only speed. Plain Swift reaches the same optima.
  @Test(arguments: ["iris_pair", "wine", "breast_cancer"]) func reachesThemInPlainSwift(name: String) throws {
    try expectOptima(name, inPlainSwift: true)
  }

  private func expectOptima(_ name: String, inPlainSwift: Bool = false) throws {
    let reference = try #require(grid.sets.first { $0.name == name })
    let (data, items) = try rows(of: reference)
    let features = data.candidates[0].features
    let names = Set(items.compactMap(\.image.label)).sorted()
    var labels = [Int](repeating: 0, count: features.rows)
    var weights = [Double](repeating: 0, count: features.rows)
    for (position, item) in items.enumerated() {
      labels[item.row] = try #require(names.firstIndex { $0 == item.image.label })
      // The reference uses every row for the scaling, so no row may have weight 0.
      weights[item.row] = max(1e-30, Double(position % 4) * 0.5)
    }
    var settings = LogisticRegression(standardization: .standardDeviation)
    settings.product = inPlainSwift ? .portable : .openBLAS
    let prepared = try [nil, weights].map {
      try settings.prepare(
        features, rows: items.map(\.row), labels: labels, classCount: names.count, sampleWeights: $0)
    }
    for fit in reference.fits {
      var model = try #require(self.model(fit))
      model.product = inPlainSwift ? .portable : .openBLAS
      let fitted = try model.fit(prepared[fit.weighted ? 1 : 0])
      let excess = (fitted.objective - fit.objective) / fit.objective
      let comment: Comment =
        "\(name), \(fit): \(fitted.objective) is \(excess) above \(fit.objective), \(fitted.stopReason)"
      #expect(fitted.converged, comment)
      #expect(excess <= 1e-9 && excess >= -1e-7, comment)
      guard fit.penalty != "none" else { continue }
      // LayerTap's certificate must hold for the reference's point, and the reference's certificate for LayerTap's
      // point.
      let slack = 1e-12 * max(1, fit.objective)
      #expect(fitted.objective - fit.objective <= fitted.gap + slack, comment)
      #expect(fit.objective - fitted.objective <= fit.gap + slack, comment)
      if fit.isStrictlyConvex { #expect(distance(fitted, fit) <= 0.5e-4 * max(fit.norm, 1e-6), comment) }
    }
  }

  /// The rows that a reference is about.
  private func rows(of reference: DataSet) throws -> (LabeledFeatures, [LabeledFeatures.Item]) {
    guard let digest = reference.featuresSHA256 else {
      let isPair = reference.name == "iris_pair"
      let file = isPair ? "iris" : reference.name
      let data = try LabeledFeatures(matrix: Repository.path("Tests/Reference/linear/data/\(file).npz"))
      let items = data.items.filter { !isPair || $0.image.label != "0" }
      #expect(items.count == reference.rows)
      return (data, items)
    }
    let data = try PhotographFeatures.of(reference.name)
    let first = Set(data.images.compactMap(\.label)).sorted().prefix(25)
    let items = data.items.filter {
      reference.name == "clothing" ? $0.image.split == .train : first.contains($0.image.label ?? "")
    }
    #expect(items.count == reference.rows && data.digest(of: items) == digest)
    return (data, items)
  }

  /// The model of a fit, or nil for an unknown loss.
  private func model(_ fit: Fit) -> (any RegularizedEstimator)? {
    let penalties: [String: Penalty] = [
      "l2": .l2, "l1": .l1, "elastic-net": .elasticNet(l1Ratio: fit.l1Ratio), "none": .none,
    ]
    let rule = Standardization.standardDeviation
    // On losses with kinks, convergence is not quadratic at the end, so their tolerance is wider.
    let tolerance = ["hinge": 1e-9, "crammer-singer": 1e-10][fit.loss] ?? 1e-11
    switch fit.loss {
    case "multinomial", "one-vs-rest":
      return MultiClass(rawValue: fit.loss).map {
        LogisticRegression(
          c: fit.c, multiClass: $0, penalty: penalties[fit.penalty] ?? .l2, standardization: rule,
          tolerance: tolerance)
      }
    default:
      return HingeLoss(rawValue: fit.loss).map {
        LinearSVM(c: fit.c, loss: $0, standardization: rule, tolerance: tolerance)
      }
    }
  }

  /// The distance of the coefficients of scaled features, estimated from 16 projections on random signs. On average,
  /// the mean of the projections' squared differences is the squared distance. Once in a thousand times, it is less
  /// than a quarter of the squared distance, so the test asks for half the promised distance.
  private func distance(_ fitted: FittedLinearModel, _ fit: Fit) -> Double {
    let (k, d) = (fitted.classCount, fitted.dimensions)
    var projections = [Double](repeating: 0, count: 16)
    let isOneScore = k == 2 && fit.loss != "crammer-singer"
    for e in 0..<((isOneScore ? 1 : k) * d) {
      var weight = fitted.weights[e]
      // Two classes have one score. In an SVM, it is the score of the second class.
      if isOneScore { weight = fitted.kind == .svm ? fitted.weights[d + e] : fitted.weights[d + e] - weight }
      weight *= fitted.scaler.scale[e % d]
      let bits = SplitMix64.number(UInt64(e + 1))
      for r in 0..<16 { projections[r] += bits >> r & 1 == 0 ? weight : -weight }
    }
    let squares = zip(projections, fit.projections).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (squares / 16).squareRoot()
  }
}
