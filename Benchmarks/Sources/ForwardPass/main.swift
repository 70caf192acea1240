// Times the forward pass of a backbone with random weights: ForwardPass NAME THREADS BATCH SECONDS
// [INSTRUCTION-SET]. Prints images per second, all threads together; each thread runs its own batches.

import Dispatch
import LayerTap
import Synchronization

let arguments = CommandLine.arguments
guard arguments.count >= 5, let threads = Int(arguments[2]), let batch = Int(arguments[3]),
  let seconds = Double(arguments[4])
else { fatalError("usage: ForwardPass NAME THREADS BATCH SECONDS [INSTRUCTION-SET]") }
let instructionSet = arguments.count > 5 ? InstructionSet(rawValue: arguments[5]) ?? .best : .best

let backbone = try Architectures.seeded(arguments[1], seed: 1)
let columns = try backbone.columns(layers: ["penultimate"], poolings: [.avg])
let plan = try backbone.plan(columns: columns, batch: batch, instructionSet: instructionSet)
let input = (0..<batch * plan.inputCount).map { Float($0 % 255) / 128 - 1 }

let clock = ContinuousClock()
let images = Atomic<Int>(0)
let start = clock.now
DispatchQueue.concurrentPerform(iterations: threads) { _ in
  var arena = plan.makeArena()
  var rows = [Float](repeating: 0, count: batch * plan.rowLength)
  while clock.now - start < .seconds(seconds) {
    var span = rows.mutableSpan
    plan.run(input.span, count: batch, arena: &arena, into: &span)
    images.add(batch, ordering: .relaxed)
  }
}
let elapsed = (clock.now - start) / .seconds(1)
print(Double(images.load(ordering: .relaxed)) / elapsed)
