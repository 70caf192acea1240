// The choice of C for every column. A choice in the store is used; otherwise a search makes the choice. Several small
// columns are searched in parallel.

import Synchronization
import TapFormats
import TapKernels
import TapSelection
import TapTensors

extension Trainer {
  /// The choices of C for all columns.
  struct ColumnChoices {
    var selections: [Selection] = []
    /// The number of columns that were searched.
    var searched = 0
    /// Pairs of a column and an earlier column that holds the same numbers.
    var equals: [(name: String, of: String)] = []
    /// The reason why no row could be held out; nil if rows were held out.
    var estimateFailure: TrainingError?
  }

  /// The maximum number of elements of a matrix that is searched beside other matrices, with one thread for each
  /// matrix. The threads of one search of a small matrix would wait for each other after every value of C.
  private static var largestShared: Int { 1 << 22 }

  /// Chooses C for each column of `data`.
  ///
  /// - Parameters:
  ///   - mayLackEstimate: whether a column that cannot be judged is fitted with the given C.
  ///   - progress: receives the number of fits done and the number of fits to do, one call at a time.
  func choices(
    _ data: LabeledFeatures, _ problem: TrainingProblem, mayLackEstimate: Bool,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(TrainingError) -> ColumnChoices {
    let candidates = data.candidates
    let plan = plan(data, problem)
    let (keys, equals, open) = (plan.keys, plan.equals, plan.open)
    let known = Mutex<[Int: Result<Selection, TrainingError>]>(plan.known.mapValues { .success($0) })
    let counter = FitCounter(
      total: open.reduce(0) { $0 + fits(problem, rows: candidates[$1].features.rows) }, progress)
    let beside = max(1, min(columnsBeside(candidates.map(\.features)), open.count))
    var inner = self
    inner.threads = max(1, (threads ?? Threads.available) / beside)
    let trainer = inner
    Threads.concurrentForEach(count: open.count, threads: beside) { place in
      let index = open[place]
      let result = Result<Selection, TrainingError> { () throws(TrainingError) in
        try trainer.select(candidates[index].features, problem, counter)
      }
      if case .success(let selection) = result, let key = keys[index] {
        data.prepared(as: candidates[index]).selections?.keep(selection, key: key)
      }
      known.withLock { $0[index] = result }
    }
    counter.finish()

    var choices = ColumnChoices(searched: open.count)
    let found = known.withLock { $0 }
    for (index, candidate) in candidates.enumerated() {
      let source = found[index] == nil ? equals[index] ?? index : index
      if source != index {
        choices.equals.append((candidate.name, candidates[source].name))
        if let key = keys[index], case .success(let selection)? = found[source] {
          data.prepared(as: candidate).selections?.keep(selection, key: key)
        }
      }
      do throws(TrainingError) {
        guard let selection = try found[source]?.get() else {
          preconditionFailure("column \(source) was not searched")
        }
        choices.selections.append(selection)
      } catch {
        guard mayLackEstimate, error.holdingOutText != nil else { throw error }
        choices.estimateFailure = error
        choices.searched -= 1
        let search = search(problem, rows: candidate.features.rows)
        choices.selections.append(
          .unjudged(
            c: model.kind.isRegularized ? search.candidates[0] : nil, rule: search.rule,
            criterion: search.criterion))
      }
    }
    return choices
  }

  /// The number of columns that are searched in parallel.
  func columnsBeside(_ matrices: [MatrixView]) -> Int {
    guard matrices.allSatisfy({ $0.rows * $0.columns <= Self.largestShared }) else { return 1 }
    return min(threads ?? Threads.available, matrices.count)
  }

  private func select(
    _ features: MatrixView, _ problem: TrainingProblem, _ counter: FitCounter
  ) throws(TrainingError) -> Selection {
    var search = search(problem, rows: features.rows)
    let most = fits(problem, rows: features.rows)
    search.progress = { counter.add($0) }
    let labels = problem.labels.values
    do {
      let selection =
        problem.validation.isEmpty
        ? try search.crossValidation(
          features, rows: problem.training, labels: labels, classCount: problem.classNames.count,
          groups: problem.groupsByRow(features.rows))
        : try search.validation(
          features, split: Split(training: problem.training, validation: problem.validation),
          labels: labels, classCount: problem.classNames.count)
      // Fits that the search left out also count as done.
      let parts = most / max(1, model.kind.isRegularized ? search.candidates.count : 1)
      counter.add(most - parts * selection.candidates.count)
      return selection
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  /// For each matrix, the index of the first earlier matrix that holds the same numbers; nil if there is no such
  /// matrix.
  static func equalColumns(_ matrices: [MatrixView]) -> [Int?] {
    matrices.indices.map { index in
      matrices[..<index].firstIndex(of: matrices[index])
    }
  }
}

/// Counts the fits of several threads, and reports them one call at a time.
private final class FitCounter: Sendable {
  private let total: Int
  private let done = Mutex(0)
  private let report: @Sendable (Int, Int) -> Void

  init(total: Int, _ report: @escaping @Sendable (Int, Int) -> Void) {
    self.total = total
    self.report = report
    report(0, total)
  }

  func add(_ count: Int) {
    done.withLock {
      $0 += count
      report(min($0, total), total)
    }
  }

  func finish() { done.withLock { _ in report(total, total) } }
}
