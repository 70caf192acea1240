import TapLinear
import TapTraining
import Testing

/// The terms of the estimate of a training.
struct MemoryEstimateTests {
  private func bytes(
    rows: Int = 2000, classes: Int = 10, dimensions: Int = 800, fits: Int = 1, parts: Int = 1,
    threads: Int = 1,
    _ model: LinearModel = .logistic(LogisticRegression()), transform: FeatureTransform = .none
  ) -> Double {
    var model = model
    (model.threads, model.transform) = (threads, transform)
    return MemoryEstimate(
      rows: rows, classes: classes, dimensions: dimensions, fits: fits, parts: parts, model: model
    ).bytes
  }

  private func logistic(_ penalty: Penalty = .l2, _ multiClass: MultiClass = .multinomial) -> LinearModel {
    .logistic(LogisticRegression(multiClass: multiClass, penalty: penalty))
  }

  // The terms below are those of a problem of 2,000 rows, ten classes and 800 columns. / The arrays of seven shards, on
  // one thread.
  private let shards: Double = 10 * 801 * (20 * 7 + 16)
  /// The preconditioner's blocks of classes, in single precision.
  private let blocks: Double = 4 * 10 * 801 * 801
  /// The memory to make these blocks, in groups of two classes.
  private let making: Double = (4 * 2 + 24) * 801 * 801
  private let kept: Double = 48 * 10 * 800 + 64 * 2000
  /// Columns far from 0 are moved in a copy.
  private let copies: Double = 4 * 2000 * 800
  private func arrays(perRow: Double) -> Double { 10 * (perRow * 2000 + 96 * 800) }

  @Test func countsWhatEachKindAndPenaltyTakes() {
    // The rows are not few, so there are no inner products of rows. They are fewer than three times the columns, so
    // there are no moments of columns.
    let softmax = arrays(perRow: 40) + shards + blocks + making
    #expect(bytes() == softmax + kept + copies + blocks)
    #expect(bytes(fits: 2) - bytes() == softmax)
    // If rows are many, each further row adds to the arrays of each class and to the arrays that a part keeps.
    #expect(bytes(rows: 200_000) - bytes(rows: 199_999) == 10 * 40 + 64)
    // Without an L2 penalty there are no blocks of classes.
    #expect(bytes(logistic(.none)) == arrays(perRow: 48) + shards + kept + copies)
    // Problems of one class against the rest have exact directions, from columns or from inner products of rows.
    let products: Double = 12 * 2000 * 2000
    let factors: Double = 12 * 801 * 801
    let separable = shards + factors + kept + copies
    #expect(bytes(logistic(.l2, .oneVersusRest)) == arrays(perRow: 80) + separable)
    // A hinge loss can have curvature in only a few rows, so inner products of rows are counted.
    #expect(bytes(.svm(LinearSVM())) == arrays(perRow: 100) + separable + products)
    // Losses with kinks also keep the last dual rows.
    #expect(
      bytes(.svm(LinearSVM(loss: .hinge))) == arrays(perRow: 100) + separable + products + 8 * 10 * 2000)
    #expect(
      bytes(.svm(LinearSVM(loss: .crammerSinger))) == arrays(perRow: 100) + shards + kept + copies + 8 * 10
        * 2000)
    // A nearest mean needs no memory for a solver.
    #expect(bytes(.nearestMean(NearestMean())) == arrays(perRow: 32) + kept)
    // L-BFGS also has ten pairs of weights.
    #expect(bytes(.logistic(LogisticRegression(solver: .lbfgs))) - bytes() == 160 * 10 * 800)
  }

  /// Every part keeps its blocks of classes, which are in double precision up to order 130. There are no blocks for too
  /// many classes, for fewer rows than columns, or for two classes.
  @Test func countsBlocksOfClasses() {
    func part(_ rows: Int, _ classes: Int, _ dimensions: Int) -> Double {
      let one = bytes(rows: rows, classes: classes, dimensions: dimensions)
      let without = bytes(rows: rows, classes: classes, dimensions: dimensions, logistic(.none))
      let more = bytes(rows: rows, classes: classes, dimensions: dimensions, parts: 2)
      let moreWithout = bytes(rows: rows, classes: classes, dimensions: dimensions, parts: 2, logistic(.none))
      return more - one - (moreWithout - without)
    }
    func moments(_ d: Double) -> Double { 4 * d * d + 4 * 20 * d * d }
    #expect(part(2000, 50, 129) == 8 * 50 * 130 * 130 + moments(129))
    #expect(part(2000, 50, 130) == 4 * 50 * 131 * 131 + moments(130))
    #expect(part(2000, 200, 300) == moments(300))
    #expect(part(2000, 2, 130) == moments(130))
    #expect(part(200, 2, 190) == 12 * 190 * 190)
    // A part can have half as many rows. It then keeps the same arrays as a problem of few rows.
    #expect(part(700, 10, 800) == 24 * 400 * 400)
  }

  /// If outputs are many and rows are few, a part keeps scaled rows in single precision.
  @Test func countsScaledRows() {
    func scaled(_ classes: Int, rows: Int, dimensions: Int) -> Double {
      let model = logistic(.none)
      func part(_ classes: Int) -> Double {
        bytes(rows: rows, classes: classes, dimensions: dimensions, parts: 2, model)
          - bytes(rows: rows, classes: classes, dimensions: dimensions, model)
      }
      return part(classes) - part(3) - 48 * Double((classes - 3) * dimensions)
    }
    #expect(scaled(16, rows: 1000, dimensions: 100) == 4 * 1000 * 100)
    #expect(scaled(15, rows: 1000, dimensions: 100) == 0)
    // The whole data would have no scaled rows, but a part has some.
    #expect(scaled(16, rows: 30_000, dimensions: 100) == 4 * 20_971 * 100)
    #expect(scaled(16, rows: 50_000, dimensions: 100) == 0)
  }

  /// The matrices of SVMs on few columns, and of L-BFGS.
  @Test func countsMatricesOfFewColumns() {
    let narrow = (rows: 3100, classes: 10, dimensions: 100)
    func bytes(_ model: LinearModel, parts: Int = 1) -> Double {
      self.bytes(
        rows: narrow.rows, classes: narrow.classes, dimensions: narrow.dimensions, parts: parts, model)
    }
    let moments: Double = 84 * 100 * 100
    let part: Double = 48 * 10 * 100 + 64 * 3100 + 4 * 3100 * 100 + moments
    let hessians: Double = 10 * (8 * 101 * 101 + 3100)
    let products: Double = 12 * 3000 * 3000
    let squared = LinearModel.svm(LinearSVM())
    #expect(bytes(squared, parts: 2) - bytes(squared) == part + hessians + products)
    let crammerSinger = LinearModel.svm(LinearSVM(loss: .crammerSinger))
    let coupled: Double = 9 * 1010 * 1010 + 32 * 3100 * 55
    let arrays: Double = 10 * (100 * 3100 + 96 * 100) + 1010 * (20 * 12 + 16) + 12 * 100 * 100
    #expect(bytes(crammerSinger) == arrays + coupled + part + 8 * 10 * 3100)
    let joint: Double = 12 * 1010 * 1010 + 16 * 3100 * 100
    #expect(
      bytes(.logistic(LogisticRegression(solver: .lbfgs))) - bytes(logistic()) == 160 * 10 * 100 + joint)
  }

  /// Under L1, a step uses at most a few times as many weights as there are rows, however many columns there are. Under
  /// an elastic net, the limit is at least 4,096.
  @Test func matricesAreOfTheWeightsThatAStepLooksAt() {
    func matrices(_ penalty: Penalty, rows: Int, dimensions: Int, classes: Int = 2) -> Double {
      bytes(rows: rows, classes: classes, dimensions: dimensions, logistic(penalty))
        - bytes(rows: rows, classes: classes, dimensions: dimensions, logistic(.none))
    }
    // There are two blocks of at most 256 rows. A block has for each of its rows: all columns, the second derivatives
    // of the loss, the columns of each output's working set, and the columns of one working set times second
    // derivatives.
    func block(_ rows: Double, _ columns: Double, _ pairs: Double, _ sets: Double) -> Double {
      16 * rows * (columns + pairs + sets)
    }
    // While the quadratic model is minimized, there are the tiles of its Hessian, the same as a matrix, a factor, and a
    // factor that is kept up to date.
    func model(_ order: Double, support: Double) -> Double {
      let room = min(order, support + 128)
      return 16 * order * order + 4 * support * support + 8 * room * room + 12 * support * support
    }
    #expect(
      matrices(.l1, rows: 20, dimensions: 30_000)
        == max(24 * 241 * 241 + block(10, 30_000, 1, 482), model(241, support: 241)))
    #expect(
      matrices(.elasticNet(l1Ratio: 0.5), rows: 5000, dimensions: 30_000)
        == max(24 * 10_201 * 10_201 + block(256, 30_000, 1, 2 * 10_201), model(10_201, support: 1500)))
    // A softmax loss has one matrix for up to 2,000 weights, or a matrix for each class.
    let order = 2000.0
    let tiles = 0.5 * order * order * (1 + 0.1)
    let joint = max(
      24 * tiles + block(256, 800, 55, 11 * 801),
      8 * tiles + 8 * order * order + 16 * 1500 * 1500 + 8 * 1628 * 1628)
    let each: Double = 10 * 801 * 801
    let apart = max(
      24 * each + block(256, 800, 10, 11 * 801), 16 * each + 40 * 801 * 801 + 20 * 801 * 801)
    #expect(matrices(.l1, rows: 2000, dimensions: 800, classes: 10) == max(joint, apart))
    #expect(joint > 100e6 && joint < 150e6)
  }

  @Test func countsWhatIsKeptOfEveryFoldAndRepeat() {
    let models: Double = 48 * 10 * 800
    // With few rows, each part keeps the inner products of rows and the matrices that follow from them.
    let products: Double = 24 * 300 * 300
    let few: Double = 4 * 300 * 800 + 64 * 300
    #expect(bytes(rows: 300, parts: 15) - bytes(rows: 300) == 14 * (products + models + few))
    // With many rows, each part keeps the moments of columns and twenty inverses, which take less than 64 MiB.
    let moments: Double = 4 * 800 * 800
    let inverses: Double = 20 * 4 * 800 * 800
    let copies: Double = 4 * 2400 * 800 + 64 * 2400
    #expect(
      bytes(rows: 2400, parts: 15) - bytes(rows: 2400) == 14 * (moments + inverses + models + copies + blocks)
    )
    // Principal components take the place of columns, and each fold has its own rows of components.
    let projected = FeatureTransform(components: PrincipalComponents(.components(50)))
    let matrices: Double = 21 * 4 * 50 * 50 + 8 * 10 * 51 * 51
    let part: Double = 2 * 4 * 2400 * 50 + matrices + 48 * 10 * 50 + 64 * 2400
    let one = bytes(rows: 2400, transform: projected)
    #expect(bytes(rows: 2400, parts: 2, transform: projected) - one == part)
    let copy: Double = 4 * 2000 * 800
    let normalized = FeatureTransform(normalizesRows: true)
    #expect(bytes(parts: 3, transform: normalized) - bytes(parts: 3) == copy)
  }

  @Test func refusesWhatMemoryDoesNotHold() throws {
    let estimate = MemoryEstimate(
      rows: 100, classes: 4, dimensions: 20, fits: 1, parts: 5, model: .svm(LinearSVM()))
    try estimate.check(memory: Int(estimate.bytes))
    try estimate.check(memory: nil)
    #expect(
      throws: TrainingError.tooLarge(
        rows: 100, classes: 4, dimensions: 20, bytes: Int(estimate.bytes), memory: 1000)
    ) { try estimate.check(memory: 1000) }
  }
}
