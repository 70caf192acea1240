// The cost of each step of a plan on this machine.

/// The time and the number of multiply-adds of one step.
package struct StepTiming: Sendable {
  /// The value that the step writes; for a pooled column, the tap of that column.
  package let output: String
  /// The algorithm, such as `direct 3x3`.
  package let algorithm: String
  /// The number of multiply-adds for one image; 0 for steps without weights.
  package let multiplyAdds: Int
  /// The number of multiply-adds that are executed for one image. Winograd's algorithm executes fewer than
  /// ``multiplyAdds``.
  package let executedMultiplyAdds: Int
  /// The shortest time of the measured runs, in seconds for one image.
  package let seconds: Double
}

extension Plan {
  /// The highest rate of one thread with the plan's kernels, in multiply-adds per second. It is measured by this call.
  package func measuredPeak() -> Double { kernels.measuredPeak() }

  /// Times every step on one thread. The steps run in their order, so that the caches are in the same state as in a
  /// real run.
  ///
  /// - Parameter runs: the number of runs of the plan, at least 1; the shortest time of each step is used.
  package func timings(runs: Int) -> [StepTiming] {
    let arena = makeArena()
    let input = [Float](repeating: 0.5, count: batch * inputCount)
    var rows = [Float](repeating: 0, count: batch * rowLength)
    let clock = ContinuousClock()
    var shortest = [Duration](repeating: .seconds(Int64.max), count: actions.count)
    unsafe input.withUnsafeBufferPointer { input in
      unsafe rows.withUnsafeMutableBufferPointer { rows in
        guard let input = input.baseAddress, let rows = rows.baseAddress else { return }
        let run = unsafe PlanRun(plan: self, input: input, rows: rows, arena: arena, count: batch)
        for _ in 0..<max(runs, 1) {
          var index = 0
          var times = [Duration](repeating: .zero, count: actions.count)
          unsafe run.forEachAction { action, images in
            let start = clock.now
            unsafe run.perform(action, images, ThreadShare(index: 0, count: 1))
            times[index] += clock.now - start
            index += 1
            // For the next image, the steps begin again at the first one.
            if index == firstBatchedAction && images.upperBound < batch { index = 0 }
          }
          for (index, time) in times.enumerated() { shortest[index] = min(shortest[index], time) }
        }
      }
    }
    return zip(actions, shortest).map { action, time in
      let seconds = time / .seconds(1) / Double(batch)
      switch action {
      case .compute(let operation):
        return StepTiming(
          output: operation.output, algorithm: operation.step.algorithm,
          multiplyAdds: operation.multiplyAdds,
          executedMultiplyAdds: operation.step.executedMultiplyAdds(operation.multiplyAdds), seconds: seconds)
      case .pool(let tap):
        return StepTiming(
          output: tap.column.tap, algorithm: "pooling \(tap.column.pooling.name)", multiplyAdds: 0,
          executedMultiplyAdds: 0, seconds: seconds)
      }
    }
  }
}
