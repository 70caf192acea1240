// Times the forward pass of a pretrained backbone to its pooled features.
//
//   ForwardPass NAME THREADS BATCH SECONDS [INSTRUCTION-SET]   images per second, all threads together
//   ForwardPass NAME THREADS BATCH check                       the features of the fixed input
//
// Each thread runs batches of its own, as extraction does.

import Dispatch
import Glibc
import LayerTap
import Synchronization

let arguments = CommandLine.arguments
guard arguments.count >= 5, let threads = Int(arguments[2]), let batch = Int(arguments[3]) else {
  fatalError("usage: ForwardPass NAME THREADS BATCH SECONDS|check [INSTRUCTION-SET]")
}
let instructionSet = arguments.count > 5 ? InstructionSet(rawValue: arguments[5]) ?? .best : .best

let backbone = try Backbone.load(arguments[1])
let columns = try backbone.columns(layers: ["penultimate"], poolings: [.avg])
let plan = try backbone.plan(columns: columns, batch: batch, instructionSet: instructionSet)
let input = (0..<batch * plan.inputCount).map { Float($0 % 255) / 128 - 1 }

func features() -> [Float] {
  var arena = plan.makeArena()
  var rows = [Float](repeating: 0, count: batch * plan.rowLength)
  var span = rows.mutableSpan
  plan.run(input.span, count: batch, arena: &arena, into: &span)
  return Array(rows.prefix(plan.rowLength))
}

guard let seconds = Double(arguments[4]) else {
  print(features().map { "\($0)" }.joined(separator: " "))
  exit(0)
}

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
print(Double(images.load(ordering: .relaxed)) / ((clock.now - start) / .seconds(1)))
