// Has no descriptor, but depends on a library that has one, which dlsym(3) finds.
extern "C" int of_another_library();
extern "C" __attribute__((visibility("default"))) int uses_it() {
  return of_another_library();
}
