import TapLinear
import TapPipeline
import Testing

/// What the estimate of a training counts, term by term.
struct MemoryEstimateTests {
  private func bytes(
    rows: Int = 2000, classes: Int = 10, dimensions: Int = 800, fits: Int = 1, parts: Int = 1,
    kind: ClassifierKind = .logistic, penalty: Penalty = .l2, transform: FeatureTransform = .none
  ) -> Double {
    MemoryEstimate(
      rows: rows, classes: classes, dimensions: dimensions, fits: fits, parts: parts, kind: kind,
      penalty: penalty, transform: transform
    ).bytes
  }

  @Test func countsWhatEachKindAndPenaltyTakes() {
    // Neither few rows nor three times as many as columns: no inner products, no moments.
    let logistic: Double = 10 * (32 * 2000 + 96 * 800)
    let models: Double = 48 * 10 * 800
    let matrices: Double = 20 * 10 * 800 * 800
    let more: Double = 10 * 68 * 2000
    let base = bytes()
    // Columns far from 0 are moved in a copy; a nearest mean does without.
    let copies: Double = 4 * 2000 * 800
    #expect(base == logistic + models + copies)
    #expect(bytes(rows: 200_000) - bytes(rows: 199_999) == 10 * 32)
    #expect(bytes(kind: .svm) - base == more)
    #expect(bytes(penalty: .l1) - base == matrices)
    #expect(bytes(penalty: .elasticNet(l1Ratio: 0.5)) - base == matrices)
    #expect(bytes(penalty: .none) == base)
    #expect(bytes(kind: .nearestMean, penalty: .l1) == base - copies)
    #expect(bytes(fits: 2) - base == logistic)
  }

  /// Under L1 no more weights are used than a few times the rows, however many columns there are; of an elastic net at most 4,096, or as
  /// many.
  @Test func matricesAreOfTheWeightsThatAStepLooksAt() {
    func matrices(_ penalty: Penalty, rows: Int, dimensions: Int) -> Double {
      bytes(rows: rows, classes: 1, dimensions: dimensions, penalty: penalty)
        - bytes(rows: rows, classes: 1, dimensions: dimensions, penalty: .none)
    }
    #expect(matrices(.l1, rows: 20, dimensions: 30_000) == 20 * 240 * 240)
    #expect(matrices(.l1, rows: 20, dimensions: 100) == 20 * 100 * 100)
    #expect(matrices(.elasticNet(l1Ratio: 0.5), rows: 20, dimensions: 30_000) == 20 * 4096 * 4096)
    #expect(matrices(.elasticNet(l1Ratio: 0.5), rows: 5000, dimensions: 30_000) == 20 * 10_200 * 10_200)
  }

  @Test func countsWhatIsKeptOfEveryFoldAndRepeat() {
    let models: Double = 48 * 10 * 800
    // Few rows: their inner products and what comes of them.
    let products: Double = 24 * 300 * 300
    let few: Double = 4 * 300 * 800
    #expect(bytes(rows: 300, parts: 15) - bytes(rows: 300) == 14 * (products + models + few))
    // Many rows: moments of columns and twenty inverses, which are fewer than 64 MiB.
    let moments: Double = 4 * 800 * 800
    let inverses: Double = 20 * 4 * 800 * 800
    let copies: Double = 4 * 2400 * 800
    #expect(bytes(rows: 2400, parts: 15) - bytes(rows: 2400) == 14 * (moments + inverses + models + copies))
    // Components stand for columns, and each fold has its own rows of them.
    let projected = FeatureTransform(components: PrincipalComponents(.components(50)))
    let part: Double = 2 * 4 * 2400 * 50 + 21 * 4 * 50 * 50 + 48 * 10 * 50
    let one = bytes(rows: 2400, transform: projected)
    #expect(bytes(rows: 2400, parts: 2, transform: projected) - one == part)
    let copy: Double = 4 * 2000 * 800
    let normalized = FeatureTransform(normalizesRows: true)
    #expect(bytes(parts: 3, transform: normalized) - bytes(parts: 3) == copy)
  }

  @Test func refusesWhatMemoryDoesNotHold() throws {
    let estimate = MemoryEstimate(
      rows: 100, classes: 4, dimensions: 20, fits: 1, parts: 5, kind: .svm, penalty: .l2)
    try estimate.check(memory: Int(estimate.bytes))
    try estimate.check(memory: nil)
    #expect(
      throws: TrainingError.tooLarge(
        rows: 100, classes: 4, dimensions: 20, bytes: Int(estimate.bytes), memory: 1000)
    ) { try estimate.check(memory: 1000) }
  }
}
