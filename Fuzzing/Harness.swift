// What libFuzzer calls with every input that it makes up: one of the readers, whose errors are all fine. A trap, an allocation
// of gigabytes and a run of seconds are not. Which readers are built in, Package.swift says: those of weights need no decoders
// of pictures, and that of pictures needs decoders with instrumentation.

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  unsafe Reader.chosen.read(UnsafeBufferPointer(start: start, count: count))
  return 0
}

/// libFuzzer's own `main`, in a function: the package manager wants each executable's to be called this.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@_cdecl("Fuzzing_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  var (count, arguments) = unsafe (count, arguments)
  return unsafe runDriver(&count, &arguments, testOneInput)
}
