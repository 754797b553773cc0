package dev.parley.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BudgetTests {
  private final Budgets budgets = new Budgets(kind -> 1_000, 25);
  private final Budget inbound = budgets.of(BudgetKind.INBOUND);

  @Test
  void oneThingMayGrowBeyondTheLimitIfNothingElseIsHeld() {
    Budget budget = Budget.of(BudgetKind.INBOUND, 100);
    assertThat(budget.tryTake(Account.NOBODY, 80)).isTrue();
    assertThat(budget.tryReplace(Account.NOBODY, 80, 160)).isTrue();
    assertThat(budget.held()).isEqualTo(160);
    budget.give(Account.NOBODY, 100);
    assertThat(budget.tryTake(Account.NOBODY, 30)).isTrue();
    assertThat(budget.tryReplace(Account.NOBODY, 30, 60)).isFalse();
    assertThat(budget.held()).isEqualTo(90);
  }

  @Test
  void theInstancesLimitHoldsOverAllAccounts() {
    for (int i = 0; i < 5; i++) {
      assertThat(inbound.tryTake(budgets.account("user" + i), 200)).isTrue();
    }
    assertThat(inbound.tryTake(budgets.account("late"), 1)).isFalse();
    assertThat(inbound.held()).isEqualTo(1_000);
    assertThat(inbound.refusals()).isOne();
  }

  @Test
  void anAccountHasItsShareOverAllThatOpenIt() {
    Account one = budgets.account("ann");
    Account other = budgets.account("ann");
    assertThat(other).isSameAs(one);
    assertThat(inbound.tryTake(one, 200)).isTrue();
    assertThat(inbound.tryTake(other, 51)).isFalse();
    assertThat(inbound.tryTake(other, 50)).isTrue();
    assertThat(inbound.held()).isEqualTo(250);
    assertThat(one.held(BudgetKind.INBOUND)).isEqualTo(250);
  }

  @Test
  void theShareOfOneKindIsNotThatOfAnother() {
    Account ann = budgets.account("ann");
    assertThat(inbound.tryTake(ann, 250)).isTrue();
    assertThat(budgets.of(BudgetKind.REST).tryTake(ann, 250)).isTrue();
  }

  @Test
  void whoHoldsNothingMayTakeAnyOneThing() {
    Account ann = budgets.account("ann");
    assertThat(inbound.tryTake(ann, 5_000)).isTrue();
    assertThat(inbound.tryTake(ann, 1)).isFalse();
    inbound.give(ann, 5_000);
    assertThat(inbound.held()).isZero();
    assertThat(ann.held(BudgetKind.INBOUND)).isZero();
  }

  @Test
  void whoCanDoWithoutTakesAsMuchAsItLeavesFree() {
    Budget bus = budgets.of(BudgetKind.BUS);
    long greedy = 0;
    while (bus.tryTakeOfFree(greedy, 10)) {
      greedy += 10;
    }
    assertThat(greedy).isEqualTo(500);
    assertThat(bus.refusals()).isOne();
    assertThat(bus.tryTakeOfFree(0, 100)).isTrue();
    bus.add(-600);
    assertThat(bus.tryTakeOfFree(0, 5_000)).as("one thing is always let in").isTrue();
  }

  @Test
  void nobodyHasNoShareButCounts() {
    assertThat(inbound.tryTake(Account.NOBODY, 900)).isTrue();
    assertThat(inbound.tryTake(Account.NOBODY, 101)).isFalse();
    assertThat(inbound.held()).isEqualTo(900);
  }

  @Test
  void holdersThatEvictAreToldWhenToBegin() {
    inbound.add(1_001);
    assertThat(inbound.isExceeded()).isTrue();
    inbound.add(-1);
    assertThat(inbound.isExceeded()).isFalse();
  }

  @Test
  void anAccountIsForgottenWhenItIsClosedAndHoldsNothing() {
    Account ann = budgets.account("ann");
    assertThat(inbound.tryTake(ann, 10)).isTrue();
    ann.close();
    assertThat(budgets.account("ann")).as("its bytes still count").isSameAs(ann);
    ann.close();
    inbound.give(ann, 10);
    assertThat(budgets.accounts()).isZero();
    assertThat(budgets.account("ann")).isNotSameAs(ann);
  }

  @Test
  void connectionsAreCountedUpToTheMost() {
    Account ann = budgets.account("ann");
    assertThat(ann.connect(2)).isTrue();
    assertThat(ann.connect(2)).isTrue();
    assertThat(ann.connect(2)).isFalse();
    ann.disconnect();
    assertThat(ann.connect(2)).isTrue();
  }

  @Test
  void nothingIsLeftWhenManyThreadsHaveTakenAndGiven() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        threads.execute(() -> takeAndGive(go));
      }
      go.countDown();
      threads.shutdown();
      assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(inbound.held()).isZero();
    assertThat(budgets.accounts()).isZero();
  }

  private void takeAndGive(CountDownLatch go) {
    try {
      go.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    for (int i = 0; i < 20_000; i++) {
      Account account = budgets.account("user" + i % 3);
      boolean taken = inbound.tryTake(account, 100);
      account.close();
      if (taken) {
        inbound.give(account, 100);
      }
    }
  }
}
