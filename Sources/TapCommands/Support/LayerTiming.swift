// The cost of each step of a backbone on this machine, for the table of `layertap layers --time`.

import LayerTap
import TapFormats
import TapReports
import TapText

struct LayerTiming {
  let name: String
  let instructionSet: InstructionSet
  let steps: [StepTiming]
  /// The highest rate of one thread, in multiply-adds per second.
  let peak: Double
  /// The bytes of the weights: as read, as packed, and as each thread of an extraction holds them.
  let weightBytes: Int
  let packedBytes: Int
  let workerBytes: Int

  /// Times the backbone up to its deepest layer.
  init(of backbone: Backbone, instructionSet: InstructionSet) throws {
    let layers = backbone.layers.last.map { [$0.name] } ?? []
    let columns = try backbone.columns(layers: layers, poolings: [.flatten])
    let plan = try backbone.plan(columns: columns, instructionSet: instructionSet)
    name = backbone.name
    self.instructionSet = instructionSet
    peak = plan.measuredPeak()
    weightBytes = 4 * backbone.layers.reduce(0) { $0 + $1.parameters }
    (packedBytes, workerBytes) = (plan.weightByteCount, plan.workerByteCount)
    // The timing takes about three seconds. A slow network takes longer, because each step runs at least a few times.
    let once = plan.timings(runs: 2).reduce(0) { $0 + $1.seconds }
    steps = plan.timings(runs: min(max(Int(3 / max(once, 1e-3)), 5), 300))
  }

  private var seconds: Double { steps.reduce(0) { $0 + $1.seconds } }
  private var multiplyAdds: Int { steps.reduce(0) { $0 + $1.multiplyAdds } }

  var text: String {
    """
    \(name), one thread, \(instructionSet.rawValue): \(milliseconds(seconds)) ms an image, \
    \(rate(multiplyAdds, seconds)) GFLOP/s of at most \(NumberText.fixed(2 * peak / 1e9, digits: 0))
    memory of an extraction: \(megabytes(weightBytes)) MB of weights, \(megabytes(packedBytes)) MB packed, \
    \(megabytes(workerBytes)) MB a thread

    \(table(isExact: false).text)
    """
  }

  func table(isExact: Bool) -> TextTable {
    var table = TextTable(
      isExact
        ? [
          ("output", .left), ("algorithm", .left), ("multiply_adds", .right), ("seconds", .right),
          ("share_of_peak", .right),
        ]
        : [
          ("output", .left), ("algorithm", .left), ("ms", .right), ("of the time", .right),
          ("GFLOP/s", .right), ("of the limit", .right),
        ])
    for step in steps {
      let share = Double(step.multiplyAdds) / step.seconds / peak
      table.add(
        isExact
          ? [
            step.output, step.algorithm, String(step.multiplyAdds), String(step.seconds),
            step.multiplyAdds > 0 ? String(share) : "",
          ]
          : [
            step.output, step.algorithm, milliseconds(step.seconds), percent(step.seconds / seconds),
            step.multiplyAdds > 0 ? rate(step.multiplyAdds, step.seconds) : "",
            step.multiplyAdds > 0 ? percent(share) : "",
          ])
    }
    return table
  }

  /// - Parameter warnings: the command's warnings.
  func json(warnings: [String]) -> JSONValue {
    .object([
      "warnings": .array(warnings.map(JSONValue.string)),
      "backbone": .string(name), "instructionSet": .string(instructionSet.rawValue), "threads": .integer(1),
      "peakMultiplyAddsPerSecond": .number(peak),
      "weightBytes": .integer(weightBytes), "packedWeightBytes": .integer(packedBytes),
      "bytesPerThread": .integer(workerBytes),
      "steps": .array(
        steps.map { step in
          .object([
            "output": .string(step.output), "algorithm": .string(step.algorithm),
            "multiplyAdds": .integer(step.multiplyAdds),
            "executedMultiplyAdds": .integer(step.executedMultiplyAdds), "seconds": .number(step.seconds),
          ])
        }),
    ])
  }

  private func milliseconds(_ seconds: Double) -> String { NumberText.fixed(seconds * 1e3, digits: 3) }
  private func megabytes(_ bytes: Int) -> String { NumberText.fixed(Double(bytes) / 1e6, digits: 1) }
  private func percent(_ share: Double) -> String { "\(NumberText.fixed(100 * share, digits: 0)) %" }
  private func rate(_ multiplyAdds: Int, _ seconds: Double) -> String {
    NumberText.fixed(2 * Double(multiplyAdds) / seconds / 1e9, digits: 0)
  }
}
