// The entry point of libFuzzer: calls one reader with each generated input. Errors of the reader are allowed; a trap,
// an allocation of gigabytes and a run of seconds are not. Package.swift selects the readers of the build: the readers
// of weight files need no image decoders, and the reader of images needs decoders with instrumentation.

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  unsafe Reader.chosen.read(UnsafeBufferPointer(start: start, count: count))
  return 0
}

/// libFuzzer's own `main` as a function: the package manager requires this name in each executable.
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
